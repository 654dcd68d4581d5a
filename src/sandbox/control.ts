/**
 * The control port: what a test or an operator may do to the sandbox that no vendor API offers. Act as a person
 * in the CRM, cause faults, count requests, look at the ground truth, go back to an earlier state.
 *
 * JSON over HTTP with `Authorization: Bearer <control token>`. Problems are `{ "error": "<sentence>" }` with
 * 400 (the request is malformed), 401, 404, 405 or 422 (a person could not do this either).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ControlError, type Answer, type Handler } from './control-answer.ts'
import { controlRoutes, type ControlledSandbox } from './control-routes.ts'
import { listen, readBody } from './listen.ts'
import type { Listening } from './listen.ts'
import { EditRefused } from './model.ts'

export interface ControlOptions extends ControlledSandbox {
  readonly port: number
  readonly token: string
}

export async function serveControl(options: ControlOptions): Promise<Listening> {
  const routes = controlRoutes(options)

  async function answer(incoming: IncomingMessage): Promise<Answer> {
    if (incoming.headers.authorization !== `Bearer ${options.token}`) {
      throw new ControlError(401, 'Send the control token as "Authorization: Bearer <token>".')
    }
    const url = new URL(incoming.url ?? '/', 'http://control.invalid')
    const handler = findHandler(routes, incoming.method ?? 'GET', url.pathname)
    return handler(parseJson(await readBody(incoming)), url.searchParams)
  }

  const respond = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answer(incoming)
      .catch(explain)
      .then((result) => send(outgoing, result))
      // Only the connection can fail here: the client is gone, and with it whoever wanted the answer.
      .catch(() => void outgoing.destroy())
  }
  return listen(respond, { port: options.port })
}

function findHandler(routes: Record<string, Record<string, Handler>>, method: string, path: string): Handler {
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (!methods) {
    throw new ControlError(404, `There is no ${path}; there are ${Object.keys(routes).join(', ')}.`)
  }
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler) return handler
  const allow = Object.keys(methods).join(', ')
  throw new ControlError(405, `${path} answers ${allow}, not ${method}.`, { allow })
}

function parseJson(text: string | null): unknown {
  if (text === null) return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ControlError(400, `The body is not JSON: ${error instanceof Error ? error.message : text}`)
  }
}

function explain(error: unknown): Answer {
  if (error instanceof ControlError) {
    return { status: error.status, json: { error: error.message }, headers: error.headers }
  }
  if (error instanceof EditRefused) return { status: 422, json: { error: error.message } }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { status: 500, json: { error: `This is a bug of the sandbox: ${text}` } }
}

async function send(outgoing: ServerResponse, answer: Answer): Promise<void> {
  const type = { 'content-type': 'application/json; charset=utf-8' }
  if ('stream' in answer) {
    outgoing.writeHead(answer.status, type)
    await pipeline(Readable.from(answer.stream), outgoing)
    return
  }
  const body = JSON.stringify(answer.json)
  outgoing.writeHead(answer.status, { ...type, ...answer.headers, 'content-length': Buffer.byteLength(body) })
  outgoing.end(body)
}
