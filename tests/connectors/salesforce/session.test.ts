import { describe, expect, test } from 'vitest'
import type { HttpRequest, HttpResponse, Transport } from '../../../src/connectors/transport.ts'
import { INSTANCE_URL, sandbox } from './sandbox.ts'

const LOGIN = 'POST /services/oauth2/token'

function app(model: ReturnType<typeof sandbox>['model']) {
  const { clientId, clientSecret, refreshToken } = model.identity
  return { clientId, clientSecret, refreshToken }
}

const logins = (requests: readonly string[]) => requests.filter((route) => route === LOGIN)

/** Ends every session the org has given out, as an admin or a policy would. */
function endSessions({ model }: ReturnType<typeof sandbox>): void {
  model.edit({ action: 'delete', object: 'AuthSession', id: model.identity.userId })
}

describe('a session that ended', () => {
  test('is renewed once, however many requests notice', async () => {
    const at = sandbox()
    const connector = at.connect(app(at.model))
    await connector.describe('Account')
    endSessions(at)
    const objects = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'Contact' : 'Account'))
    const described = await Promise.all(objects.map((object) => connector.describe(object)))
    expect(described).toHaveLength(20)
    expect(logins(at.requests)).toHaveLength(1)
  })

  test('takes no write along: the refused one is sent again, once', async () => {
    const at = sandbox()
    const connector = at.connect(app(at.model))
    const { id } = at.model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X' } })
    await connector.read({ object: 'Contact', ids: [id], fields: ['Title'] })
    endSessions(at)
    const outcomes = await connector.update('Contact', [{ writeId: 'w', id, values: { Title: 'CTO' } }])
    expect(outcomes).toMatchObject([{ kind: 'done', image: { Title: 'CTO' } }])
    const writes = at.requests.filter((route) => route.startsWith('PATCH'))
    expect(writes).toHaveLength(2)
  })

  test('a request that is late with an older session does not log in again', async () => {
    const at = sandbox()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const through =
      (transport: Transport): Transport =>
      async (request, signal) => {
        const answer = await transport(request, signal)
        if (request.url.endsWith('/Contact/describe') && answer.status === 401) await held
        return answer
      }
    const connector = at.connect(app(at.model), { through })
    await connector.describe('Account')
    endSessions(at)
    const late = connector.describe('Contact')
    await connector.describe('Account')
    release()
    await late
    expect(logins(at.requests)).toHaveLength(1)
  })

  test('and cannot be renewed says what to do', async () => {
    const at = sandbox()
    endSessions(at)
    await expect(at.connector.describe('Account')).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining('session has ended'),
      hint: expect.stringContaining('new access token'),
    })
    expect(logins(at.requests)).toHaveLength(0)
  })
})

describe('logging in', () => {
  test('with an app alone needs no token at all', async () => {
    const at = sandbox()
    const { clientId, clientSecret } = at.model.identity
    const connector = at.connect({ accessToken: '', instanceUrl: '', clientId, clientSecret })
    await connector.describe('Account')
    expect(logins(at.requests)).toHaveLength(1)
  })

  test('hands on every refresh token that replaces the one before, and works with it', async () => {
    const at = sandbox()
    const handed: string[] = []
    const connector = at.connect(app(at.model), { onRefreshToken: (token) => handed.push(token) })
    for (let round = 0; round < 3; round += 1) {
      endSessions(at)
      at.settle()
      await connector.describe('Account')
    }
    expect(new Set(handed).size).toBe(3)
    // What was handed on is what a later process begins with.
    const later = at.connect({ ...app(at.model), accessToken: '', refreshToken: handed.at(-1) ?? '' })
    await later.describe('Account')
    const tooLate = at.connect({ ...app(at.model), accessToken: '', refreshToken: handed.at(0) ?? '' })
    await expect(tooLate.describe('Account')).rejects.toMatchObject({
      kind: 'unauthorized',
      code: 'invalid_grant',
    })
  })

  test.each([
    'This session is not valid for use with the REST API',
    'Connected app is not attached to Agent',
  ])('and is refused with "%s" is not renewed: no other one would do', async (sessionRefusal) => {
    const at = sandbox()
    const connector = at.connect(app(at.model))
    await connector.describe('Account')
    at.model.settings.sessionRefusal = sessionRefusal
    await expect(connector.describe('Contact')).rejects.toMatchObject({ kind: 'unauthorized' })
    expect(logins(at.requests)).toHaveLength(0)
  })

  test('takes the refresh token that another process left meanwhile', async () => {
    const at = sandbox()
    let kept = ''
    const keeping = {
      onRefreshToken: (token: string) => void (kept = token),
      keptRefreshToken: () => kept,
    }
    const daemon = at.connect(app(at.model), keeping)
    for (let day = 0; day < 3; day += 1) {
      endSessions(at)
      at.settle()
      await daemon.describe('Account')
      const { refreshToken } = at.model.identity
      const command = at.connect(
        { ...app(at.model), accessToken: '', refreshToken: kept || refreshToken },
        keeping,
      )
      await command.describe('Account')
    }
    expect(logins(at.requests)).toHaveLength(6)
  })

  test('tries once more when another process used the same refresh token in the same moment', async () => {
    const at = sandbox()
    let kept = ''
    const keeping = {
      onRefreshToken: (token: string) => void (kept = token),
      keptRefreshToken: () => kept,
    }
    const other = at.connect({ ...app(at.model), accessToken: '' }, keeping)
    let isFirst = true
    const through =
      (transport: Transport): Transport =>
      async (request, signal) => {
        if (request.url.endsWith('/token') && isFirst) {
          isFirst = false
          await other.describe('Account')
        }
        return transport(request, signal)
      }
    const late = at.connect({ ...app(at.model), accessToken: '' }, { ...keeping, through })
    expect((await late.describe('Contact')).fields.size).toBeGreaterThan(0)
    expect(logins(at.requests)).toHaveLength(3)
  })

  test('waits for a person while a new refresh token cannot be kept, and does not replace it again', async () => {
    const at = sandbox()
    let isFull = true
    const handed: string[] = []
    const onRefreshToken = (token: string): void => {
      if (isFull) throw new Error('no space left on device')
      handed.push(token)
    }
    const connector = at.connect({ ...app(at.model), accessToken: '' }, { onRefreshToken })
    for (let tries = 0; tries < 10; tries += 1) {
      await expect(connector.describe('Account')).rejects.toThrow('no space left on device')
    }
    isFull = false
    await connector.describe('Account')
    expect(handed).toHaveLength(1)
    expect(logins(at.requests)).toHaveLength(1)
  })

  test('ends when every new session is refused at once', async () => {
    const at = sandbox()
    const refused = (request: HttpRequest): HttpResponse | null =>
      request.url.includes('/services/data/')
        ? {
            status: 401,
            headers: {},
            body: JSON.stringify([
              { errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' },
            ]),
          }
        : null
    const through =
      (transport: Transport): Transport =>
      async (request, signal) =>
        refused(request) ?? transport(request, signal)
    const connector = at.connect(app(at.model), { through })
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await expect(connector.describe('Account')).rejects.toMatchObject({ kind: 'unauthorized' })
    }
    expect(logins(at.requests).length).toBeLessThanOrEqual(3)
  })

  test('goes where the answer says, not where it was configured', async () => {
    const at = sandbox()
    const hosts = new Set<string>()
    const through =
      (transport: Transport): Transport =>
      async (request, signal) => {
        hosts.add(new URL(request.url).host)
        const answer = await transport(request, signal)
        const body = answer.body.replace('http://login.invalid', INSTANCE_URL)
        return { ...answer, body }
      }
    const connector = at.connect(
      { ...app(at.model), accessToken: '', loginUrl: 'http://login.invalid' },
      { through },
    )
    await connector.describe('Account')
    expect([...hosts]).toEqual(['login.invalid', new URL(INSTANCE_URL).host])
  })

  test('a token of somebody else’s is not tried again and again', async () => {
    const at = sandbox()
    await expect(at.strangersConnector.account()).rejects.toMatchObject({ kind: 'unauthorized' })
    expect(new Set(at.requests).size).toBe(at.requests.length)
  })
})
