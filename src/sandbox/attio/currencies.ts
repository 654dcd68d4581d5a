/**
 * The currency codes an attribute may be made with: those of the published document and its later additions
 * (Attio fact sheet 8.2). Note NTD, not TWD. The vendor adds to them; until it has, others are refused.
 */
export const CURRENCY_CODES = (
  'AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR FJD GBP GHS HKD HUF IDR ILS INR ISK JPY KES KRW MXN ' +
  'MYR NGN NOK NTD NZD OMR PEN PHP PLN QAR RWF SAR SEK SGD THB TRY USD UYU XPF ZAR'
).split(' ')
