/**
 * @module
 * The words that the demo company is made of. The remarkable ones are there because they break naive escaping,
 * sorting or length counting.
 */

type Words = readonly [string, ...string[]]

/** Ordinary first names. */
export const firstNames: Words = words(
  'Ada, Amir, Anna, Björn, Carla, Chidi, Dana, Diego, Elif, Emre, Fatima, Freya, Gita, Hana, Hugo, Ines, ' +
    'Ivan, Jane, João, Jonas, Kofi, Lea, Liam, Lucía, Maja, Marek, Mei, Nadia, Noah, Olga, Omar, Petra, ' +
    'Priya, Quentin, Rosa, Sami, Søren, Tariq, Uma, Vera, Wanda, Yara, Yusuf, Zoë',
)

/** Ordinary last names. */
export const lastNames: Words = words(
  'Abbott, Andersson, Baptiste, Becker, Castillo, Chen, Costa, Dahl, Doe, Eriksen, Farah, Fischer, ' +
    'García, Haddad, Ibrahim, Ivanova, Jansen, Kaya, Kowalski, Laurent, Lindqvist, Mbeki, Moreau, Müller, ' +
    'Nakamura, Nguyen, Novák, Okafor, Olsen, Patel, Petrov, Quinn, Rossi, Santos, Schmidt, Silva, Tanaka, ' +
    'Ueda, Vargas, Weber, Yıldız, Zhang',
)

/** First and last names that a careless query builder, a byte counter or a regular expression gets wrong. */
export const remarkablePeople: readonly (readonly [string | null, string])[] = [
  ['Sinéad', "O'Brien"],
  ['Žofie', 'Šťastná'],
  ['太郎', '山田'],
  ['Renée 🚀', 'Dupont'],
  ['Zoe\u0308', 'Nin\u0303o'],
  ['Robert "Bob"', 'Tables'],
  ['Back\\slash', 'Carré\\'],
  ['Per%cent', '100%'],
  ['under_score', 'snake_case'],
  ["D'Arcy", "';--"],
  ['مريم', 'الخطيب'],
  [null, 'Prince'],
  ['Anne-Marie', 'von der Leyen-Özdemir'],
  ['X', 'Æ A-12'],
  ['<b>Bold</b>', 'Angle & Sons'],
  ['Null', 'Null'],
]

/** Second words of organisation names. */
export const trades: Words = words(
  'Analytics, Bakery, Biotech, Consulting, Dairy, Design, Energy, Foods, Freight, Games, Hotels, ' +
    'Insurance, Joinery, Labs, Logistics, Marine, Media, Optics, Paper, Robotics, Solar, Textiles',
)

/** First words of organisation names. */
export const brands: Words = words(
  'Alder, Bluefin, Cobalt, Driftwood, Ember, Fjord, Granite, Harbour, Indigo, Juniper, Kestrel, Lantern, ' +
    'Meridian, Northgate, Ochre, Peregrine, Quarry, Redwood, Saffron, Thistle, Umbra, Vesper, Willow, ' +
    'Yarrow, Zenith',
)

/** Organisation names with the same traps. */
export const remarkableOrganisations: readonly string[] = [
  "Baker's Dozen & Co.",
  'Weiß+Söhne GmbH',
  '株式会社みどり',
  'Half\\Price',
  '50% Off Outlet',
  'snake_case Software',
  '"Quoted" Holdings',
  'Café Ñandú 🌵',
]

/** Names as both systems know them; each vendor maps them to its own option values. */
export const industries: Words = words(
  'Biotechnology, Construction, Consulting, Education, Energy, Finance, Hospitality, Insurance, Media, ' +
    'Retail, Technology, Transportation',
)

/** Job titles. */
export const titles: Words = words(
  'Account Executive, Buyer, CEO, CFO, Data Analyst, Head of Operations, IT Director, Office Manager, ' +
    'Procurement Lead, Product Manager, Sales Director, VP Engineering',
)

/** Where people were first heard of. */
export const leadSources: Words = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other']

/** Values of a custom field. */
export const colours: Words = ['teal', 'crimson', 'ochre', 'indigo', 'olive', 'plum']

/** Cities with what belongs to them. */
export const places: readonly [Place, ...Place[]] = [
  { city: 'Berlin', state: 'Berlin', country: 'Germany', postalCode: '10115' },
  { city: 'Brno', state: 'Jihomoravský kraj', country: 'Czechia', postalCode: '602 00' },
  { city: 'Dublin', state: 'Leinster', country: 'Ireland', postalCode: 'D02 X285' },
  { city: 'Lagos', state: 'Lagos', country: 'Nigeria', postalCode: '100001' },
  { city: 'Osaka', state: '大阪府', country: 'Japan', postalCode: '530-0001' },
  { city: 'Portland', state: 'OR', country: 'United States', postalCode: '97201' },
  { city: 'São Paulo', state: 'SP', country: 'Brazil', postalCode: '01001-000' },
  { city: 'Toronto', state: 'ON', country: 'Canada', postalCode: 'M5H 2N2' },
]

/** The parts of an address that depend on the city. */
export interface Place {
  readonly city: string
  readonly state: string
  readonly country: string
  readonly postalCode: string
}

/** Street names. */
export const streets: Words = ['Mill Lane', 'High Street', 'Hauptstraße', 'Rua Augusta', 'Quay Road', 'Elm Avenue']

function words(list: string): Words {
  const [first = list, ...rest] = list.split(', ')
  return [first, ...rest]
}
