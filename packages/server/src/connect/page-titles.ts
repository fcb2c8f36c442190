/**
 * @module
 * What the heading of a refusal says.
 */
const titles: Readonly<Record<number, string>> = {
  403: 'Nothing was connected',
  404: 'This link does not work',
  409: 'This is another account',
  410: 'This link has been used or has ended',
  502: 'The system did not play along',
}

export function problemTitle(status: number): string {
  return titles[status] ?? 'This cannot be completed'
}
