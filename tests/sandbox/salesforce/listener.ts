/** Listening to a Salesforce org over CometD. */
import { expect } from 'vitest'
import type { Body, Reply, TestOrg } from './test-org.ts'

export const CONTACTS = '/data/ContactChangeEvent'

/** A CometD client in the few steps that a test needs. */
export class Listener {
  private readonly org: TestOrg
  private cookie = ''
  clientId = ''

  constructor(org: TestOrg) {
    this.org = org
  }

  post(messages: Body[]): Reply {
    return this.org.call('POST', '//cometd/64.0', messages, this.cookie === '' ? {} : { cookie: this.cookie })
  }

  handshake(): Body {
    const reply = this.post([
      { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'], id: '1' },
    ])
    this.cookie = reply.headers['set-cookie']?.split(';')[0] ?? ''
    this.clientId = reply.body[0]?.clientId
    return reply.body[0]
  }

  subscribe(channel = CONTACTS, replay?: number): Body {
    const ext = replay === undefined ? {} : { ext: { replay: { [channel]: replay } } }
    return this.post([
      { channel: '/meta/subscribe', clientId: this.clientId, subscription: channel, id: '2', ...ext },
    ]).body[0]
  }

  connect(): Body[] {
    return this.post([
      { channel: '/meta/connect', clientId: this.clientId, connectionType: 'long-polling', id: '3' },
    ]).body
  }

  /** The headers of the events that a connect brings. */
  changes(): Body[] {
    return this.connect()
      .filter(({ channel }) => channel.startsWith('/data/'))
      .map(({ data }) => data.payload.ChangeEventHeader)
  }
}

export function listening(org: TestOrg, channel = CONTACTS): Listener {
  const listener = new Listener(org)
  listener.handshake()
  expect(listener.subscribe(channel)).toMatchObject({ successful: true })
  return listener
}
