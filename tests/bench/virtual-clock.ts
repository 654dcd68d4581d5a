/** Virtual time for code that reads the global clock and sets timers of its own. */
import type { VirtualTime } from '../connectors/virtual-time.ts'

interface Handle {
  off(): void
}

/** Runs `work` with `Date.now`, `setTimeout` and `setInterval` on virtual time. */
export async function onVirtualGlobals<T>(time: VirtualTime, work: () => Promise<T>): Promise<T> {
  const kept = { setTimeout, clearTimeout, setInterval, clearInterval }
  const realNow = Date.now.bind(Date)
  const every = (fire: () => void, ms: number): Handle => {
    let timer: Handle = { off: () => undefined }
    let isOff = false
    const next = (): void => {
      timer = time.after(ms, () => {
        fire()
        if (!isOff) next()
      })
    }
    next()
    return {
      off: () => {
        isOff = true
        timer.off()
      },
    }
  }
  const off = (handle: Handle | undefined): void => handle?.off()
  Object.assign(globalThis, {
    setTimeout: (fire: () => void, ms = 0) => time.after(ms, fire),
    clearTimeout: off,
    setInterval: every,
    clearInterval: off,
  })
  Date.now = () => time.runtime.now()
  try {
    return await time.run(work())
  } finally {
    Date.now = realNow
    Object.assign(globalThis, kept)
  }
}
