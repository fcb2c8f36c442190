/**
 * @module
 * What holds for the text of one source file, whatever it imports: its length, its name, its first comment, and that no
 * vendor is named where vendors are data.
 */

const MAX_LINES = 300
const bannedNames = /^(utils?|helpers?|common|managers?|services?|base|misc|types)(\.|$)/
const vendorNames = /hub_?spot|salesforce|zendesk|bamboo|\bjira\b|\bokta\b|\bslack\b/i
/** Where a vendor may be named: its data, its fake, and what shows or tests the whole. */
const mayNameVendors =
  /^(packages\/sandbox\/|packages\/connectors\/catalog\/|packages\/cli\/src\/(demo|sandbox)\/|examples\/|test\/|bench\/|tools\/boundaries\/check-text)|\.test\.ts$/

export function checkText(file: string, text: string): string[] {
  const faults: string[] = []
  const lines = text.split('\n')
  if (lines.length > MAX_LINES + 1) faults.push(`${file}: ${lines.length - 1} lines, ${MAX_LINES} is the wall`)
  if (!/^(#!.*\n)?\/\*\*[\s\S]*?@module/.test(text) && !isWithoutComment(file))
    faults.push(`${file}: has no @module comment on top`)
  for (const part of file.split('/')) {
    if (bannedNames.test(part)) faults.push(`${file}: "${part}" says nothing; name it after what it promises`)
  }
  if (mayNameVendors.test(file)) return faults
  for (const [index, line] of lines.entries()) {
    if (vendorNames.test(line)) faults.push(`${file}:${index + 1}: names a vendor; vendors are data`)
  }
  return faults
}

function isWithoutComment(file: string): boolean {
  // The example is printed in the README as it is.
  return /\.(test|config)\.ts$/.test(file) || file === 'test/readme/example.ts'
}
