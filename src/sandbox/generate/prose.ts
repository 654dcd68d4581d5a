/** Free text as CRMs hold it: many languages and directions, emoji, line breaks, very long, sometimes odd. */
import type { Random } from '../random.ts'

export const JOB_TITLES: readonly string[] = [
  'CEO',
  'Chief Executive Officer',
  'Head of Sales',
  'VP, Marketing & Communications',
  'R&D "Lead" <Platform>',
  'Founder 🚀',
  'Software Engineer II',
  'Geschäftsführer',
  'Einkäuferin (Teilzeit)',
  'Ingénieure d’affaires',
  'Gerente de compras',
  'Директор по развитию',
  'Διευθύντρια Πωλήσεων',
  'مدير المبيعات',
  'מנהלת שיווק',
  '营业部长',
  '部長',
  '영업 팀장',
  'निदेशक',
  'Trưởng phòng kinh doanh',
  'Müdür Yardımcısı',
  'Assistant to the Regional Manager',
]

const SENTENCES: readonly string[] = [
  'Met at the trade fair in Hannover.',
  'Prefers calls in the afternoon; never before 10:00.',
  'Verlängerung steht im Herbst an – bitte „höflich“ nachfassen.',
  'Très intéressé par l’offre « premium ».',
  'Pidió una demostración en español, ¡urgente!',
  'Договор на согласовании у юристов.',
  'Θα απαντήσουν μετά τις διακοπές.',
  'العميل مهتم بالترقية في الربع القادم.',
  'הלקוח ביקש הצעת מחיר חדשה.',
  '客户希望下季度续约。',
  '見積書を送付済みです。',
  '계약서를 검토 중입니다.',
  'ग्राहक को नया प्रस्ताव चाहिए।',
  'Khách hàng hỏi về giá năm sau.',
  'Budget: 10% < last year & "flexible".',
  'Great people 🎉👩‍💻 — friends of the house.',
  'See https://wiki.example/accounts?id=7&view=all for the history.',
  '0',
]

/** One to three sentences on lines of their own, rarely a text of exactly 300 characters. */
export function makeDescription(random: Random): string {
  const count = random.integer(1, 3)
  const lines = Array.from({ length: count }, () => random.pick(SENTENCES))
  if (!random.chance(0.05)) return lines.join('\n')
  // Plain letters only: 300 is then the same number in bytes, UTF-16 units and characters.
  return 'A long account history that nobody has ever shortened. '.repeat(6).slice(0, 299) + '.'
}

/** An e-mail's or address's worth of Latin text. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
