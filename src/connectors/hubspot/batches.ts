/** How much HubSpot takes at once, and cutting lists to that. */

/** Most inputs of a record batch, and rows of a list page (HubSpot fact sheet 6). */
export const BATCH_MAX = 100

/** Rows of a search page, and the offset at which a search ends (HubSpot fact sheet 9). */
export const SEARCH_PAGE_MAX = 200
export const SEARCH_ROWS_MAX = 10_000

export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
