/** What every store must do, whatever database it stands on. Each test opens a store of its own, empty. */
import { afterEach, describe } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { aliasesContract } from './contract/aliases.ts'
import { comparisonContract } from './contract/comparison.ts'
import { deliverContract } from './contract/deliver.ts'
import { dirtySetContract } from './contract/dirty-set.ts'
import { matchingContract } from './contract/matching.ts'
import { observeContract } from './contract/observe.ts'
import { operateContract } from './contract/operate.ts'
import { ownershipContract } from './contract/ownership.ts'
import { reconcileContract } from './contract/reconcile.ts'
import { referencesContract } from './contract/references.ts'
import { retentionContract } from './contract/retention.ts'
import { runsContract } from './contract/runs.ts'

export function storeContract(name: string, openEmpty: () => Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    const opened: Store[] = []
    const open = async () => {
      const store = await openEmpty()
      opened.push(store)
      return store
    }
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })

    describe('ownership', () => ownershipContract(open))
    describe('observe', () => observeContract(open))
    describe('dirty set', () => dirtySetContract(open))
    describe('reconcile', () => reconcileContract(open))
    describe('aliases', () => aliasesContract(open))
    describe('references', () => referencesContract(open))
    describe('matching', () => matchingContract(open))
    describe('deliver', () => deliverContract(open))
    describe('operate', () => operateContract(open))
    describe('comparison', () => comparisonContract(open))
    describe('retention', () => retentionContract(open))
    describe('runs', () => runsContract(open))
  })
}
