/**
 * Does the engine come to rest once everybody else stops, and after how many writes? Answered on the graph of the
 * states and of the steps that go on without people, crashes and faults (`course`).
 *
 * A state that can be reached from itself lies on a cycle. Looking again and finding nothing is a harmless one; a
 * cycle with a write on it is an engine that never stops. Without such cycles, the most writes on any way out of
 * a state are its longest path over the strongly connected components, which Tarjan's algorithm delivers in the
 * order in which that can be added up: a component is finished after everything that it leads to.
 */
import { Numbers } from './numbers.ts'

export interface Unrest {
  /** Most writes on any course from any state to rest; of the states that do come to rest. */
  readonly writesMax: number
  /** States that can reach a cycle with a write. */
  readonly endless: number
  /** One such cycle, by states; null when there is none. */
  readonly loop: readonly number[] | null
}

export interface RestGraph {
  /** Begins the edges of the next state: states come in the order of their numbers. */
  open(): void
  add(target: number, wrote: boolean): void
  analyse(): Unrest
}

const ENDLESS = -1
const UNSEEN = 0

export function createRestGraph(): RestGraph {
  const begins = new Numbers()
  /** Twice the target, plus one for a write. */
  const edges = new Numbers()

  const targetOf = (edge: number) => edges.at(edge) >> 1
  const wroteOn = (edge: number) => edges.at(edge) & 1
  const endOf = (state: number) => (state + 1 < begins.size ? begins.at(state + 1) : edges.size)

  return {
    open: () => begins.push(edges.size),
    add: (target, wrote) => edges.push(target * 2 + (wrote ? 1 : 0)),

    analyse() {
      const size = begins.size
      const order = new Int32Array(size)
      const low = new Int32Array(size)
      const component = new Int32Array(size).fill(-1)
      const writes: number[] = []
      const open: number[] = []
      const work: number[] = []
      const edgeAt = new Int32Array(size)
      let count = 0
      let loop: readonly number[] | null = null

      const enter = (state: number): void => {
        count += 1
        order[state] = low[state] = count
        edgeAt[state] = begins.at(state)
        open.push(state)
        work.push(state)
      }

      const close = (root: number): void => {
        const number = writes.length
        const members: number[] = []
        for (;;) {
          const member = open.pop()
          if (member === undefined) throw new Error('a component contains its root')
          component[member] = number
          members.push(member)
          if (member === root) break
        }
        let most = 0
        for (const member of members) {
          for (let edge = begins.at(member); edge < endOf(member); edge += 1) {
            const target = component[targetOf(edge)] ?? -1
            if (target === number) {
              if (wroteOn(edge) === 0) continue
              loop ??= cycleThrough(member, targetOf(edge), (state) => component[state] === number)
              most = ENDLESS
            } else if (most !== ENDLESS) {
              const beyond = writes[target] ?? 0
              most = beyond === ENDLESS ? ENDLESS : Math.max(most, beyond + wroteOn(edge))
            }
          }
        }
        writes.push(most)
      }

      for (let start = 0; start < size; start += 1) {
        if (order[start] !== UNSEEN) continue
        enter(start)
        for (let state = work.at(-1); state !== undefined; state = work.at(-1)) {
          const edge = edgeAt[state] ?? 0
          if (edge < endOf(state)) {
            edgeAt[state] = edge + 1
            const target = targetOf(edge)
            if (order[target] === UNSEEN) enter(target)
            else if (component[target] === -1) low[state] = Math.min(low[state] ?? 0, order[target] ?? 0)
            continue
          }
          work.pop()
          const parent = work.at(-1)
          if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[state] ?? 0)
          if (low[state] === order[state]) close(state)
        }
      }

      let writesMax = 0
      let endless = 0
      for (let state = 0; state < size; state += 1) {
        const most = writes[component[state] ?? 0] ?? 0
        if (most === ENDLESS) endless += 1
        else writesMax = Math.max(writesMax, most)
      }
      return { writesMax, endless, loop }
    },
  }

  /** A shortest way from `to` back to `from` within a component, after the write that leads from one to the other. */
  function cycleThrough(from: number, to: number, isInside: (state: number) => boolean): readonly number[] {
    const parent = new Map<number, number>([[to, to]])
    const queue = [to]
    for (const state of queue) {
      if (state === from) break
      for (let edge = begins.at(state); edge < endOf(state); edge += 1) {
        const target = targetOf(edge)
        if (!isInside(target) || parent.has(target)) continue
        parent.set(target, state)
        queue.push(target)
      }
    }
    const way = [from]
    for (let at = from; at !== to;) {
      at = parent.get(at) ?? to
      way.unshift(at)
    }
    // Begin with the write.
    return [from, ...way.slice(0, -1)]
  }
}
