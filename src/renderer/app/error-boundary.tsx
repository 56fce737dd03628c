import { Component, type ReactNode } from "react";
import { Button } from "../ui/button.tsx";

export interface ErrorBoundaryProps {
  /** "The list of guests": begins the sentence that says what failed. */
  readonly what: string;
  readonly onError: (error: unknown) => void;
  readonly children: ReactNode;
}

/** A part of the page that fails takes no other with it. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override componentDidCatch(error: unknown): void {
    this.props.onError(error);
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <div className="page-failed" role="alert">
        <p>{this.props.what} failed. Open consoles are not affected.</p>
        <Button
          onClick={() => {
            this.setState({ hasFailed: false });
          }}
        >
          Show it again
        </Button>
      </div>
    );
  }
}
