/** What switches of a model may be set to, for those who do it while the model runs. */
import { z } from 'zod'

/** A time or a size: whole, and never less than nothing. */
export const amount = z.int().min(0)

/** As `amount`, where nothing at all would stand still. */
export const positive = z.int().min(1)

/** Of all that could happen. */
export const share = z.number().min(0).max(1)

/** Shortest and longest. */
export const span = z
  .tuple([amount, amount])
  .refine(([shortest, longest]) => shortest <= longest, 'the shortest comes first')

export const words = z.array(z.string())
