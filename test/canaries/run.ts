/**
 * @module
 * `npm run canaries -- [seed]`: the hunt over every transport, with its positive controls. One JSON line; exit code 1 when a canary
 * was found where none may be, or when the search itself cannot be trusted.
 */
import { pathToFileURL } from 'node:url'
import { formsOf } from './canary.ts'
import { type Hunted, hunt } from './hunt.ts'
import { planting } from './plant.ts'
import { scanner } from './scanner.ts'

/** What keeps a hunt from counting as passed; empty when nothing does. */
export function shortcomings(hunted: Hunted): readonly string[] {
  return [
    ...(hunted.planted < 500 ? [`only ${hunted.planted} canaries were planted`] : []),
    ...hunted.leaks.slice(0, 20).map(({ where, place, encoding }) => `${place} (${encoding}) in ${where}`),
    ...(hunted.unseenByFull.length > 0
      ? [`the full role did not see ${hunted.unseenByFull.length}: ${hunted.unseenByFull.slice(0, 5).join(', ')}`]
      : []),
    ...(hunted.analytics_tools_unredacted < 50 ? ['the analytics tools show too little even without redaction'] : []),
    ...Object.entries(hunted.sinks).flatMap(([sink, length]) => (length < 20 ? [`${sink} is empty`] : [])),
  ]
}

/** Every form of every canary, alone in noise: how many the scanner finds. */
export function scannerFinds(seed: number): { readonly forms: number; readonly found: number } {
  const { canaries } = plantedOnce(seed)
  const scan = scanner(canaries)
  let [forms, found] = [0, 0]
  for (const canary of canaries) {
    for (const { text } of formsOf(canary)) {
      forms += 1
      if (scan.find(`{"x":"…${text}…"}`).some((sighting) => sighting.canary === canary)) found += 1
    }
  }
  return { forms, found }
}

function plantedOnce(seed: number) {
  const garden = planting(seed, 'acme')
  const people = Array.from({ length: 60 }, (_, index) => ({
    key: index + 1,
    firstName: '',
    lastName: '',
    email: '',
    otherEmails: [],
    phone: '',
    street: '',
    notes: '',
    favouriteColour: '',
  }))
  garden.plant({ tenant: 'acme', people } as unknown as Parameters<typeof garden.plant>[0])
  return garden
}

const help = `npm run canaries -- [seed]: plants personal data in both systems and looks for it where none may be

  seed   a number, repeats a run; about a minute and a half`

async function main(): Promise<void> {
  const [word = String(Date.now() % 1_000_000)] = process.argv.slice(2)
  if (!/^\d{1,9}$/.test(word)) {
    console.log(help)
    process.exitCode = word === '--help' ? 0 : 2
    return
  }
  const seed = Number(word)
  const startedAt = performance.now()
  const search = scannerFinds(seed)
  const hunted = await hunt({ seed, pages: 10, allTransports: true })
  const wrong = [...shortcomings(hunted), ...(search.found < search.forms ? ['the scanner misses forms'] : [])]
  for (const line of wrong) console.error(line)
  const { leaks, unseenByFull, ...facts } = hunted
  const line = {
    proof: 'canaries',
    ok: wrong.length === 0,
    seed,
    ...facts,
    leaks: leaks.length,
    scanner: search,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  }
  console.log(JSON.stringify(line))
  process.exitCode = wrong.length === 0 ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
