/**
 * Numbers of libvirt's remote protocol and public API that we use, under libvirt's own names
 * (src/remote/remote_protocol.x, include/libvirt/libvirt-domain.h and virterror.h of libvirt).
 */

/** enum remote_procedure: REMOTE_PROC_… */
export const PROCEDURE = {
  connectOpen: 1,
  connectClose: 2,
  domainDestroy: 12,
  domainGetXmlDesc: 14,
  domainLookupByUuid: 24,
  domainReboot: 27,
  domainResume: 28,
  domainShutdown: 33,
  domainSuspend: 34,
  connectSupportsFeature: 60,
  authList: 66,
  authSaslInit: 67,
  authSaslStart: 68,
  authSaslStep: 69,
  authPolkit: 70,
  domainCreateWithFlags: 196,
  domainOpenConsole: 201,
  domainScreenshot: 211,
  domainGetState: 212,
  domainReset: 245,
  domainPmWakeup: 267,
  connectListAllDomains: 273,
  connectDomainEventCallbackRegisterAny: 316,
  domainEventCallbackLifecycle: 318,
  domainEventCallbackReboot: 319,
  domainEventCallbackPmwakeup: 329,
  domainEventCallbackPmsuspend: 330,
  domainEventCallbackPmsuspendDisk: 332,
  domainEventCallbackDeviceRemoved: 333,
  domainEventCallbackAgentLifecycle: 348,
  domainEventCallbackDeviceAdded: 354,
  connectRegisterCloseCallback: 360,
  connectEventConnectionClosed: 362,
  domainEventCallbackMetadataChange: 379,
} as const;

/** enum keepalive_procedure */
export const KEEPALIVE_PROCEDURE = { ping: 1, pong: 2 } as const;

/** enum remote_auth_type */
export const AUTH_TYPE = { none: 0, sasl: 1, polkit: 2 } as const;

/** virDomainState */
export const DOMAIN_STATE = {
  noState: 0,
  running: 1,
  blocked: 2,
  paused: 3,
  shutdown: 4,
  shutoff: 5,
  crashed: 6,
  pmSuspended: 7,
} as const;

/** virDomainEventID: what can be registered for. */
export const DOMAIN_EVENT_ID = {
  lifecycle: 0,
  reboot: 1,
  pmWakeup: 11,
  pmSuspend: 12,
  pmSuspendDisk: 14,
  deviceRemoved: 15,
  agentLifecycle: 18,
  deviceAdded: 19,
  metadataChange: 23,
} as const;

/** virDomainEventType of a lifecycle event. */
export const LIFECYCLE = {
  defined: 0,
  undefined: 1,
  started: 2,
  suspended: 3,
  resumed: 4,
  stopped: 5,
  shutdown: 6,
  pmSuspended: 7,
  crashed: 8,
} as const;

/** virConnectListAllDomainsFlags, the filters by state. */
export const LIST_DOMAINS = { running: 16, paused: 32, shutoff: 64, other: 128 } as const;

/** virDomainConsoleFlags: the console is taken from whoever has it. */
export const CONSOLE_FORCE = 1;

/** virDomainXMLFlags: VIR_DOMAIN_XML_SECURE shows passwords and needs a read-write connection. */
export const DOMAIN_XML = { none: 0, secure: 1 } as const;

/** virDrvFeature: values that CONNECT_SUPPORTS_FEATURE knows (src/libvirt_internal.h). */
export const DRIVER_FEATURE = { programKeepalive: 10, remoteEventCallback: 14, remoteCloseCallback: 15 } as const;

/** virErrorNumber, those that lead to an answer of their own. */
export const ERROR_NUMBER = {
  noSupport: 3,
  operationFailed: 9,
  operationDenied: 29,
  noDomain: 42,
  authFailed: 45,
  operationInvalid: 55,
  authCancelled: 79,
  accessDenied: 88,
  authUnavailable: 94,
} as const;
