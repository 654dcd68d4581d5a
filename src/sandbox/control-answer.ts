/** How a request to the control port ends. */

/** An answer: JSON, or text that is streamed because it is large. */
export type Answer =
  | { readonly status: number; readonly json: unknown; readonly headers?: Record<string, string> }
  | { readonly status: 200; readonly stream: Iterable<string> }

export type Handler = (body: unknown, query: URLSearchParams) => Answer

/** Ends a request with a sentence. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}
