/** "rack-a:5900"; an IPv6 address in brackets: "[::1]:5900". */
export function addressText(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}
