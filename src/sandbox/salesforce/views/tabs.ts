/** Tabs of the user interface, with the icons and colours that belong to their objects. */
import { LISTED } from './list-views.ts'

/** Of the theme that a new org has; the colours are the vendor's for these objects. */
const COLORS: Readonly<Record<string, string>> = {
  Account: '5867E8',
  Contact: '9602C7',
  Lead: 'FF5D2D',
  Opportunity: 'FF5D2D',
}

const THEME = 'theme4'

export function tabs(origin: string, version: string): unknown[] {
  return LISTED.map((object) => ({
    ...look(origin, object),
    custom: false,
    iconUrl: icon(origin, object, 120),
    label: object === 'Opportunity' ? 'Opportunities' : `${object}s`,
    miniIconUrl: icon(origin, object, 60),
    name: `standard-${object}`,
    sobjectName: object,
    url: `${origin}/services/data/v${version}/sobjects/${object}`,
  }))
}

export function theme(origin: string): unknown {
  return { themeItems: LISTED.map((object) => ({ ...look(origin, object), name: object })) }
}

function look(origin: string, object: string): { colors: unknown[]; icons: unknown[] } {
  return {
    colors: [{ color: COLORS[object] ?? '706E6B', context: 'primary', theme: THEME }],
    icons: [60, 120].map((size) => ({
      contentType: 'image/png',
      height: size,
      theme: THEME,
      url: icon(origin, object, size),
      width: size,
    })),
  }
}

function icon(origin: string, object: string, size: number): string {
  return `${origin}/img/icon/t4v35/standard/${object.toLowerCase()}_${size}.png`
}
