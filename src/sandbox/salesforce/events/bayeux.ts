/**
 * CometD as the vendor's streaming endpoint speaks it (Salesforce fact sheet 21.2): handshake, subscribe with replay,
 * and connects that are kept open until there is something to tell. Bodies are lists of messages both ways.
 */
import type { HttpRequest } from '../../../connectors/transport.ts'
import type { Call, Route } from '../call.ts'
import { token } from '../chance.ts'
import type { Org } from '../org.ts'
import type { Sessions } from '../sessions.ts'
import { Usage } from '../usage.ts'
import { Text, type Answer } from '../wire.ts'
import { Subscribers } from './subscribers.ts'

interface Message {
  readonly channel: string
  readonly id?: string
  readonly clientId?: string
  readonly subscription?: string
  readonly advice?: { readonly timeout?: number }
  readonly ext?: { readonly replay?: Readonly<Record<string, number>> }
}

type Reply = Record<string, unknown>

const BAD_REQUEST: Answer = { status: 400, body: new Text('text/plain', 'Bad Request') }

/** Events in one reply. */
const BATCH_MAX = 100

export class Bayeux {
  readonly routes: readonly Route[] = [
    {
      method: 'POST',
      template: '/cometd/{version}',
      mutates: false,
      access: 'open',
      handle: (call) => this.answer(call),
    },
    // Clients try a web socket first; it is refused.
    {
      method: 'GET',
      template: '/cometd/{version}',
      mutates: false,
      access: 'open',
      handle: () => BAD_REQUEST,
    },
  ]
  private readonly org: Org
  private readonly sessions: Sessions
  private readonly subscribers: Subscribers
  private readonly delivered: Usage

  constructor(org: Org, options: { readonly sessions: Sessions; readonly enforced: boolean }) {
    this.org = org
    this.sessions = options.sessions
    this.subscribers = new Subscribers(org)
    const daily = {
      get dailyApiRequests() {
        return org.settings.dailyEvents
      },
    }
    this.delivered = new Usage(daily, options.enforced)
  }

  /** How much longer a connect stays open, in ms; 0 when there is something to say. */
  waits(request: HttpRequest, arrivedAt: number): number {
    const [message, ...others] = messagesIn(request.body)
    if (message?.channel !== '/meta/connect' || others.length > 0 || message.advice?.timeout === 0) return 0
    const subscriber = this.subscribers.find(message.clientId)
    if (subscriber === null || !this.isAuthorized(request)) return 0
    // Whoever waits is there.
    subscriber.seenAt = this.org.now()
    if (this.subscribers.pending(subscriber, 1).length > 0) return 0
    return Math.max(0, arrivedAt + this.org.settings.eventWaitMs - this.org.now())
  }

  save(): unknown {
    return { subscribers: this.subscribers.save(), delivered: this.delivered.save() }
  }

  load(saved: unknown): void {
    const state = saved as { subscribers: unknown; delivered: unknown }
    this.subscribers.load(state.subscribers)
    this.delivered.load(state.delivered)
  }

  private answer(call: Call): Answer {
    const messages = messagesIn(call.request.body)
    const isHandshake = messages.some(({ channel }) => channel === '/meta/handshake')
    // Cookies tie a client to the server that knows it.
    if (
      messages.length === 0 ||
      (!isHandshake && !/BAYEUX_BROWSER=/.test(call.request.headers['cookie'] ?? ''))
    ) {
      return BAD_REQUEST
    }
    const replies = messages.flatMap((message) => this.reply(call.request, message))
    const cookie = `BAYEUX_BROWSER=${token(24, this.org.seed, 'cookie', this.org.counters.request)}; Path=/; HttpOnly`
    return { status: 200, body: replies, ...(isHandshake && { headers: { 'set-cookie': cookie } }) }
  }

  private reply(request: HttpRequest, message: Message): Reply[] {
    switch (message.channel) {
      case '/meta/handshake':
        return [this.handshake(request, message)]
      case '/meta/connect':
        return this.connect(request, message)
      case '/meta/subscribe':
        return [this.subscribe(request, message)]
      case '/meta/unsubscribe': {
        const subscriber = this.subscribers.find(message.clientId)
        if (subscriber === null) return [unknownClient(message)]
        this.subscribers.unsubscribe(subscriber, message.subscription ?? '')
        return [{ ...answerTo(message), subscription: message.subscription, successful: true }]
      }
      case '/meta/disconnect':
        this.subscribers.remove(message.clientId)
        return [{ ...answerTo(message), successful: true }]
      default:
        return [refused(message, '400::Publishing is not allowed', 'none')]
    }
  }

  private handshake(request: HttpRequest, message: Message): Reply {
    if (!this.isAuthorized(request)) {
      const ext = { sfdc: { failureReason: '401::Authentication invalid' } }
      return { ...refused(message, '403::Handshake denied', 'none'), ext }
    }
    const subscriber = this.subscribers.add()
    if (subscriber === null) {
      return refused(message, '403::Organization concurrent user limit exceeded', 'none')
    }
    return {
      ...answerTo(message),
      version: '1.0',
      minimumVersion: '1.0',
      clientId: subscriber.id,
      supportedConnectionTypes: ['long-polling'],
      ext: { replay: true, 'payload.format': true },
      successful: true,
    }
  }

  private connect(request: HttpRequest, message: Message): Reply[] {
    const subscriber = this.subscribers.find(message.clientId)
    if (!this.isAuthorized(request)) return [refused(message, '401::Authentication invalid', 'none')]
    if (subscriber === null) return [unknownClient(message)]
    const now = this.org.now()
    if (!this.delivered.admits(now)) {
      return [refused(message, '403::Organization total events daily limit exceeded', 'none')]
    }
    subscriber.seenAt = now
    const events = this.subscribers.take(subscriber, BATCH_MAX)
    this.delivered.count(now, events.length)
    return [
      ...events.map(({ channel, data }) => ({ channel, data })),
      {
        ...answerTo(message),
        clientId: subscriber.id,
        advice: { reconnect: 'retry', interval: 0, timeout: this.org.settings.eventWaitMs },
        successful: true,
      },
    ]
  }

  private subscribe(request: HttpRequest, message: Message): Reply {
    const channel = message.subscription ?? ''
    const subscriber = this.subscribers.find(message.clientId)
    if (!this.isAuthorized(request)) return refused(message, '401::Authentication invalid', 'none')
    if (subscriber === null) return unknownClient(message)
    const problem = this.subscribers.subscribe(subscriber, {
      channel,
      // Without a replay id only what is new.
      replayFrom: message.ext?.replay?.[channel] ?? -1,
    })
    if (problem !== null) return { ...refused(message, problem, null), subscription: channel }
    return { ...answerTo(message), clientId: subscriber.id, subscription: channel, successful: true }
  }

  private isAuthorized(request: HttpRequest): boolean {
    const [, value] = /^(?:Bearer|OAuth) +(\S+)$/i.exec(request.headers['authorization'] ?? '') ?? []
    return value !== undefined && this.sessions.find(value) !== null
  }
}

function messagesIn(body: string | null): readonly Message[] {
  try {
    const parsed: unknown = JSON.parse(body ?? '')
    return (Array.isArray(parsed) ? parsed : [parsed]) as readonly Message[]
  } catch {
    // No messages; the caller answers 400.
    return []
  }
}

function answerTo({ channel, id }: Message): Reply {
  return { channel, ...(id !== undefined && { id }) }
}

function refused(message: Message, error: string, reconnect: 'none' | 'handshake' | null): Reply {
  return {
    ...answerTo(message),
    error,
    successful: false,
    ...(reconnect !== null && { advice: { reconnect, interval: 0 } }),
  }
}

function unknownClient(message: Message): Reply {
  return refused(message, '403::Unknown client', 'handshake')
}
