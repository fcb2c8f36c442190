import { expect, test } from 'vitest'
import { isPublicAddress } from './public-address.ts'

test('isPublicAddress() refuses loopback, private, link-local, mapped, translated and reserved addresses', () => {
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fd00::1',
    '2002:7f00:1::',
    '2001:0:1::',
    'localhost',
    '2130706433',
    '0x7f.1',
    '',
  ]) {
    expect([address, isPublicAddress(address)]).toEqual([address, false])
  }
  for (const address of ['8.8.8.8', '104.16.0.1', '2606:4700::1111']) {
    expect([address, isPublicAddress(address)]).toEqual([address, true])
  }
})
