/**
 * Amounts with their currency, one value. A side may keep the amount alone: Attio fixes the currency of an
 * attribute in its settings (Attio fact sheet 8), HubSpot keeps it in `deal_currency_code` (HubSpot fact
 * sheet 11), which may or may not be mapped. An unknown currency contradicts none; two known ones must be equal,
 * since an amount in the wrong currency is worse than a difference.
 */
import type { Restored, SideRule } from '../../core/rules.ts'
import { isList, type Canonical, type FieldValue } from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { parseDecimal } from './decimal.ts'
import { canonicalNumber, compareNumbers, scaleOf } from './number.ts'
import { trimmedText } from './plain-text.ts'
import {
  fieldNamesOf,
  keep,
  lens,
  onlyField,
  rawValue,
  value,
  type Transform,
  type TransformSpec,
} from './transform.ts'

interface Money {
  readonly amount: string
  readonly currency: string | null
}

export function moneyTransform(spec: TransformSpec): Transform {
  const scale = scaleOf(spec)
  const fixed = spec.settings.currency ?? null
  const restore = (source: Canonical, current: Canonical, target: readonly FieldShape[]): Restored => {
    const from = moneyOf(source)
    if (!from) return value(null)
    if (!parseDecimal(from.amount)) return keep('not an amount')
    if (target.length > 1) {
      // The target has a currency field of its own: both are written, and an unknown currency changes nothing.
      return value({ amount: from.amount, currency: from.currency ?? moneyOf(current)?.currency ?? null })
    }
    const targetCurrency = fixed ?? moneyOf(current)?.currency ?? null
    if (from.currency !== null && targetCurrency !== null && from.currency !== targetCurrency) {
      return keep(`the amount is in ${from.currency}, the other side keeps ${targetCurrency}`)
    }
    const holdsCurrency = onlyField(target).type === 'money'
    return value({ amount: from.amount, currency: holdsCurrency ? (targetCurrency ?? from.currency) : fixed })
  }
  return lens(spec, {
    left: moneySide(spec.left, scale, fixed),
    right: moneySide(spec.right, scale, fixed),
    agree: (a, b) => agreeOnMoney(moneyOf(a), moneyOf(b)),
    forward: (left, right) => restore(left, right, spec.right),
    backward: (right, left) => restore(right, left, spec.left),
    compare: (a, b) => compareNumbers(moneyOf(a)?.amount ?? null, moneyOf(b)?.amount ?? null),
  })
}

function agreeOnMoney(a: Money | null, b: Money | null): boolean {
  if (!a || !b) return a === b
  return a.amount === b.amount && (a.currency === null || b.currency === null || a.currency === b.currency)
}

function moneyOf(canonical: Canonical): Money | null {
  if (canonical === null || typeof canonical !== 'object' || isList(canonical)) return null
  const { amount, currency } = canonical
  return typeof amount === 'string'
    ? { amount, currency: typeof currency === 'string' ? currency : null }
    : null
}

function moneySide(fields: readonly FieldShape[], scale: number | null, fixed: string | null): SideRule {
  const [amountField, currencyField] = fields
  if (!amountField) throw new TypeError('money has an amount field')
  return {
    fields: fieldNamesOf(fields),
    channel: 'value',
    read: (values) => {
      const raw = rawValue(values, amountField)
      const amount = canonicalNumber(raw, scale)
      if (amount === null) return null
      const own = currencyField ? rawValue(values, currencyField) : currencyIn(raw)
      return { amount, currency: trimmedText(own)?.toUpperCase() ?? fixed }
    },
    write: (target, current) => {
      const money = moneyOf(target)
      const raw = rawValue(current, amountField)
      const isSame = money !== null && canonicalNumber(raw, scale) === money.amount
      const amount = money?.amount ?? null
      if (currencyField) {
        // An unknown currency and a cleared amount leave the field: HubSpot sets it on every deal.
        const code = money?.currency ?? rawValue(current, currencyField)
        return { [amountField.name]: isSame ? raw : amount, [currencyField.name]: code }
      }
      if (amountField.type !== 'money') return { [amountField.name]: isSame ? raw : amount }
      return {
        [amountField.name]: money === null ? null : { amount: money.amount, currency: money.currency },
      }
    },
  }
}

function currencyIn(raw: FieldValue): FieldValue {
  return raw !== null && typeof raw === 'object' && !isList(raw) ? (raw['currency'] ?? null) : null
}
