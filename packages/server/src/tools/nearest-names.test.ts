/** @module Suggestions. */
import { expect, test } from 'vitest'
import { nearestNames } from './nearest-names.ts'

const names = ['list_all_hub_spot_contacts', 'list_all_hub_spot_deals', 'create_a_hub_spot_contact', 'zap']

test('nearestNames() puts what was probably meant first', () => {
  expect(nearestNames('list_hubspot_contacts', names, 2)[0]).toBe('list_all_hub_spot_contacts')
  expect(nearestNames('LIST_ALL_HUB_SPOT_DEALS', names, 1)).toEqual(['list_all_hub_spot_deals'])
})

test('nearestNames() suggests nothing for what resembles nothing', () => {
  for (const wrong of ['', 'q', 'weather', 'x'.repeat(1_000_000)]) expect(nearestNames(wrong, names, 5)).toEqual([])
})
