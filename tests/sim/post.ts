/**
 * The way of one vendor's webhooks to whichever process is alive: some get lost, some come twice, some come late and so
 * in another order. Nobody is there while no process is; then the vendor tries again as it documents.
 *
 * Bells may do all this for ever (algorithms 2.6), so the post does not heal with the weather.
 */
import type { Delivery as Heard, Hearing } from '../../src/core/bell.ts'
import type { Delivery, VendorModel } from '../../src/sandbox/model.ts'
import type { Random } from '../../src/sandbox/random.ts'
import type { Kernel } from './kernel.ts'
import type { Bells } from './scenario.ts'

/** Takes one delivery, as the route of the listener does; the status it answers, or null when it dies over it. */
export type Receiver = (delivery: Heard) => Promise<number | null>

export interface Post {
  /** Something changed at the vendor: there may be something to deliver. */
  wake(): void
  /** Who takes deliveries from now on; null: nobody is at home. */
  receiver: Receiver | null
  readonly counts: { delivered: number; lost: number; doubled: number; refused: number }
}

export function createPost(options: {
  readonly model: VendorModel
  readonly kernel: Kernel
  /** How far the vendor's clock is ahead of ours. */
  readonly aheadMs: number
  readonly bells: Bells
  readonly dice: Random
}): Post {
  const { model, kernel, aheadMs, bells, dice } = options
  /** When the alarm rings that was set last; it is not set again for later. */
  let alarmMs = Infinity

  const bring = async (delivery: Delivery): Promise<number | null> => {
    const { receiver } = post
    if (!receiver) return null
    const { url, headers, body } = delivery
    const status = await receiver({ method: 'POST', url, headers, body: new TextEncoder().encode(body) })
    if (status === null || status >= 300) post.counts.refused += 1
    else post.counts.delivered += 1
    return status
  }

  const carry = async (delivery: Delivery): Promise<void> => {
    const isLost = dice.chance(bells.lost)
    const isDoubled = dice.chance(bells.doubled)
    const [firstMs, secondMs] = [dice.next() * bells.lateMs, dice.next() * bells.lateMs]
    await kernel.sleep(firstMs)
    if (isLost) {
      // Somebody on the way answered in our name: the vendor takes it for delivered.
      post.counts.lost += 1
      model.settleDelivery(delivery.id, 200)
    } else {
      model.settleDelivery(delivery.id, await bring(delivery))
      if (isDoubled) {
        post.counts.doubled += 1
        await kernel.sleep(secondMs)
        await bring(delivery)
      }
    }
    post.wake()
  }

  const post: Post = {
    receiver: null,
    counts: { delivered: 0, lost: 0, doubled: 0, refused: 0 },
    wake() {
      const dueMs = model.nextDeliveryAt()
      if (dueMs === null) return
      const atMs = Math.max(dueMs - aheadMs, kernel.now() + 1)
      if (atMs >= alarmMs) return
      alarmMs = atMs
      void kernel.sleep(atMs - kernel.now()).then(() => {
        if (alarmMs === atMs) alarmMs = Infinity
        for (const delivery of model.takeDeliveries()) void carry(delivery)
        post.wake()
      })
    },
  }
  return post
}

/** The status with which the listener's route answers. */
export function statusOf(hearing: Hearing): number {
  if (hearing.kind === 'heard') return 204
  return hearing.reason === 'malformed' ? 400 : 401
}
