/** Webhooks as they come in, and what must not get through: for the tests of every vendor. */
import fc from 'fast-check'
import type { Bell, Delivery, Hearing } from '../../src/core/bell.ts'
import type { Delivery as SandboxDelivery } from '../../src/sandbox/model.ts'

export function delivery(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
  more: Partial<Delivery> = {},
): Delivery {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return { method: 'POST', url: 'https://attune.example/webhooks/crm', headers, body: bytes, ...more }
}

/** What a model of the sandbox wants to post, as it arrives. */
export function arrived({ url, headers, body }: SandboxDelivery): Delivery {
  return delivery(body, headers, { url })
}

export function bellsOf(hearing: Hearing): readonly Bell[] {
  if (hearing.kind === 'refused') throw new Error(`refused as ${hearing.reason}: ${hearing.because}`)
  return hearing.bells
}

/** One bit of one byte of a part of the delivery, turned over. */
export interface Flip {
  readonly part: 'body' | 'method' | 'url' | { readonly header: string }
  readonly at: number
  readonly bit: number
}

export function flips(parts: readonly Flip['part'][]): fc.Arbitrary<Flip> {
  return fc.record({
    part: fc.constantFrom(...parts),
    at: fc.nat({ max: 100_000 }),
    bit: fc.integer({ min: 0, max: 7 }),
  })
}

export function flipped(genuine: Delivery, { part, at, bit }: Flip): Delivery {
  switch (part) {
    case 'body':
      return { ...genuine, body: flippedBytes(genuine.body, at, bit) }
    case 'method':
    case 'url':
      return { ...genuine, [part]: flippedText(genuine[part], at, bit) }
    default: {
      const text = flippedText(genuine.headers[part.header] ?? '', at, bit)
      return { ...genuine, headers: { ...genuine.headers, [part.header]: text } }
    }
  }
}

/** Headers and URLs are bytes on the wire as well. */
function flippedText(text: string, at: number, bit: number): string {
  return Buffer.from(flippedBytes(Buffer.from(text, 'latin1'), at, bit)).toString('latin1')
}

function flippedBytes(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const index = at % copy.length
  copy[index] = (copy[index] ?? 0) ^ (1 << bit)
  return copy
}
