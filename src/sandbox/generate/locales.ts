/**
 * Names of people from many places, each in its own script with a Latin spelling for e-mail addresses. Written
 * `native/latin`; entries without a slash are their own Latin spelling.
 */
export interface Name {
  readonly native: string
  readonly latin: string
}

export interface Locale {
  /** Country of phone numbers and cities, ISO 3166-1 alpha-2. */
  readonly country: string
  readonly given: readonly Name[]
  readonly family: readonly Name[]
  readonly cities: readonly string[]
  /** Legal forms that follow a company's name. */
  readonly forms: readonly string[]
}

export const LOCALES: readonly Locale[] = [
  locale('US', {
    given: 'Ada, Grace, Marcus, Jasmine, Tyrell, Mary Ann/maryann, DeShawn/deshawn, Kimberly, Wm./wm',
    family:
      "Lovelace, O'Brien/obrien, Washington, Smith-Jones/smithjones, McAllister/mcallister, Nakamura, Lee",
    cities: 'San Francisco, Chicago, Austin, New York, Denver',
    forms: 'Inc., LLC, Corp.',
  }),
  locale('GB', {
    given: 'Nigel, Siân/sian, Oliver, Zoë/zoe, Callum, Aoife, Harriet',
    family: 'Featherstone-Haugh/featherstonehaugh, Patel, Llewellyn, MacDonald, Okonkwo, Smith',
    cities: 'London, Leeds, Cardiff, Newcastle upon Tyne',
    forms: 'Ltd, PLC, & Sons',
  }),
  locale('DE', {
    given: 'Jürgen/juergen, Käthe/kaethe, Sören/soeren, Anna-Lena/annalena, Björn/bjoern, Uwe',
    family:
      'Müller/mueller, von der Groß/vondergross, Schäfer/schaefer, Strauß/strauss, Öztürk/oeztuerk, Weiß/weiss',
    cities: 'München, Köln, Berlin, Nürnberg',
    forms: 'GmbH, AG, GmbH & Co. KG',
  }),
  locale('FR', {
    given: 'François/francois, Éloïse/eloise, Jean-Noël/jeannoel, Chloé/chloe, Gaëlle/gaelle, Hervé/herve',
    family:
      "Lefèvre/lefevre, D'Aubigné/daubigne, Brûlé/brule, Saint-Exupéry/saintexupery, Garçon/garcon, N'Diaye/ndiaye",
    cities: 'Paris, Orléans, Besançon, Lyon',
    forms: 'SARL, S.A., SAS',
  }),
  locale('MX', {
    given: 'José María/josemaria, Íñigo/inigo, Begoña/begona, Martín/martin, Lucía/lucia, Ángel/angel',
    family: 'García Márquez/garciamarquez, Núñez/nunez, Peña/pena, Ibáñez/ibanez, López/lopez',
    cities: 'Ciudad de México, Mérida, León',
    forms: 'S.A. de C.V., S. de R.L.',
  }),
  locale('BR', {
    given: 'João/joao, Conceição/conceicao, Antônio/antonio, Letícia/leticia, Mônica/monica',
    family: 'Gonçalves/goncalves, dos Santos/dossantos, Araújo/araujo, Simões/simoes, Assunção/assuncao',
    cities: 'São Paulo, Brasília, Florianópolis',
    forms: 'Ltda., S.A.',
  }),
  locale('PL', {
    given: 'Łukasz/lukasz, Małgorzata/malgorzata, Żaneta/zaneta, Grzegorz, Świętosław/swietoslaw',
    family:
      'Dąbrowski/dabrowski, Wójcik/wojcik, Żółć/zolc, Brzęczyszczykiewicz/brzeczyszczykiewicz, Kowalska',
    cities: 'Łódź, Kraków, Gdańsk',
    forms: 'Sp. z o.o., S.A.',
  }),
  locale('SE', {
    given: 'Åsa/asa, Göran/goran, Håkan/hakan, Märta/marta, Linnéa/linnea',
    family: 'Ångström/angstrom, Sjöberg/sjoberg, Håkansson/hakansson, Nyström/nystrom, Lindqvist',
    cities: 'Malmö, Göteborg, Umeå',
    forms: 'AB, HB',
  }),
  locale('TR', {
    given: 'Işıl/isil, İbrahim/ibrahim, Çağla/cagla, Ömer/omer, Şebnem/sebnem',
    family: 'Yıldız/yildiz, Çelik/celik, Öztürk/ozturk, Güneş/gunes, Ağaoğlu/agaoglu',
    cities: 'İstanbul, Diyarbakır, Muğla',
    forms: 'A.Ş., Ltd. Şti.',
  }),
  locale('VN', {
    given: 'Minh Anh/minhanh, Thị Hương/thihuong, Đức/duc, Quỳnh/quynh, Bảo Ngọc/baongoc',
    family: 'Nguyễn/nguyen, Trần/tran, Phạm/pham, Đặng/dang, Huỳnh/huynh',
    cities: 'Hà Nội, Đà Nẵng, Cần Thơ',
    forms: 'TNHH, JSC',
  }),
  locale('RU', {
    given: 'Дмитрий/dmitri, Анастасия/anastasia, Фёдор/fyodor, Юлия/yulia, Михаил/mikhail',
    family: 'Щербаков/shcherbakov, Королёва/korolyova, Достоевский/dostoevsky, Цветаева/tsvetaeva, Ли/li',
    cities: 'Москва, Санкт-Петербург, Новосибирск',
    forms: 'ООО, АО',
  }),
  locale('GR', {
    given: 'Γιώργος/giorgos, Ελένη/eleni, Αθηνά/athina, Στέφανος/stefanos, Ιωάννα/ioanna',
    family: 'Παπαδόπουλος/papadopoulos, Νικολαΐδης/nikolaidis, Καζαντζάκη/kazantzaki, Θεοδωράκης/theodorakis',
    cities: 'Αθήνα, Θεσσαλονίκη, Πάτρα',
    forms: 'Α.Ε., Ε.Π.Ε.',
  }),
  locale('AE', {
    given: 'محمد/mohammed, فاطمة/fatima, عبد الله/abdullah, ليلى/layla, يوسف/yousef',
    family: 'المنصوري/almansoori, الهاشمي/alhashimi, بن راشد/binrashid, القاسمي/alqasimi',
    cities: 'دبي, أبو ظبي, الشارقة',
    forms: 'ش.م.م, FZ-LLC',
  }),
  locale('IL', {
    given: 'נועה/noa, יעקב/yaakov, שירה/shira, אביגיל/avigail, דוד/david',
    family: 'כהן/cohen, לוי/levi, בן־דוד/bendavid, מזרחי/mizrahi, פרידמן/friedman',
    cities: 'תל אביב, ירושלים, חיפה',
    forms: 'בע״מ, Ltd.',
  }),
  locale('IN', {
    given: 'अनन्या/ananya, विवेक/vivek, श्रीकृष्ण/shrikrishna, दीपिका/deepika, अर्जुन/arjun',
    family: 'शर्मा/sharma, त्रिपाठी/tripathi, अय्यर/iyer, चट्टोपाध्याय/chattopadhyay, सिंह/singh',
    cities: 'मुंबई, दिल्ली, बेंगलुरु',
    forms: 'Pvt. Ltd., LLP',
  }),
  locale('CN', {
    given: '伟/wei, 秀英/xiuying, 欣怡/xinyi, 浩然/haoran, 雪/xue',
    family: '王/wang, 欧阳/ouyang, 李/li, 张/zhang, 诸葛/zhuge',
    cities: '北京, 上海, 深圳',
    forms: '有限公司, 集团',
  }),
  locale('JP', {
    given: '健太/kenta, さくら/sakura, 葵/aoi, ケンジ/kenji, 美咲/misaki',
    family: '佐藤/sato, 長谷川/hasegawa, 鈴木/suzuki, 齋藤/saito, 小鳥遊/takanashi',
    cities: '東京, 大阪, 札幌',
    forms: '株式会社, 合同会社',
  }),
  locale('KR', {
    given: '민준/minjun, 서연/seoyeon, 지우/jiwoo, 하은/haeun, 도윤/doyun',
    family: '김/kim, 이/lee, 박/park, 황보/hwangbo, 최/choi',
    cities: '서울, 부산, 인천',
    forms: '주식회사, 유한회사',
  }),
]

function locale(
  country: string,
  words: { given: string; family: string; cities: string; forms: string },
): Locale {
  return {
    country,
    given: split(words.given).map(name),
    family: split(words.family).map(name),
    cities: split(words.cities),
    forms: split(words.forms),
  }
}

function split(list: string): string[] {
  return list.split(', ')
}

function name(entry: string): Name {
  const [native = entry, latin = native.toLowerCase()] = entry.split('/')
  return { native, latin }
}
