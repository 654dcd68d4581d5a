/** What a caller decides beside the plan: a pass sends everything that was planned, others hold writes back. */
import type { ConnectorError } from '../errors.ts'
import type { Task, Write } from './work.ts'

export interface Steering {
  /** Which of the writes just planned for a link are sent. */
  admit(task: Task, writes: readonly Write[]): readonly Write[]
  /** Told of a write that failed, before that is dealt with as in any pass. */
  onFailed?(write: Write, error: ConnectorError): void
}

export const UNSTEERED: Steering = { admit: (_task, writes) => writes }

/** A pair of which writes are held back is not at rest, whatever else succeeds. Mutates the task. */
export function queueAdmitted(task: Task, steering: Steering, writes: readonly Write[]): void {
  const admitted = steering.admit(task, writes)
  task.queue = [...admitted]
  if (admitted.length < writes.length) task.withheld = true
}
