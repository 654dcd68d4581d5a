/** One simulated world: vendors, the ways to them, people, a database, and the processes that come and go. */
import { openStore } from '../../src/compose.ts'
import { dropRoutes } from '../../src/connectors/transport.ts'
import { EditRefused, type HumanEdit, type VendorModel } from '../../src/sandbox/model.ts'
import { seededRandom } from '../../src/sandbox/random.ts'
import { vendorsNamed } from '../../src/sandbox/vendors.ts'
import type { Store } from '../../src/store/store.ts'
import { editsOf } from './acts.ts'
import { HANDS, pairingsOf, START_MS, vendorsOf } from './cast.ts'
import type { Approval } from './audit/case.ts'
import type { By } from './chronicle.ts'
import { administer } from './hands/administer.ts'
import { KINDS, type Hands } from './hands/hands.ts'
import { hasteOf } from './haste.ts'
import { createKernel, type Kernel } from './kernel.ts'
import { createNetwork, type Network } from './network.ts'
import { createPost, type Post } from './post.ts'
import { reflexesOf } from './reflexes.ts'
import type { Action, Scenario, Workflow } from './scenario.ts'
import { template, type Template } from './template.ts'
import { createWitness, type Witness } from './witness.ts'

export interface World {
  readonly scenario: Scenario
  readonly kernel: Kernel
  readonly witness: Witness
  readonly template: Template
  readonly models: ReadonlyMap<string, VendorModel>
  readonly networks: ReadonlyMap<string, Network>
  readonly posts: ReadonlyMap<string, Post>
  readonly store: Store
  /** Processes that a person had told to go on. */
  readonly approvals: Approval[]
  /** Whether a schema is not as it was at the beginning: mappings have to be compiled anew. */
  isSchemaBroken(): boolean
  /** Lets somebody do something now. False when it cannot be done, or there is nobody to do it to. */
  act(vendor: string, action: Action): boolean
  /** Ends what administrators have broken, and everybody's haste. */
  mend(): void
  close(): Promise<void>
}

export interface WorldOptions {
  /** Of the database; in memory when absent. */
  readonly file?: string
  /** Wake-ups after which somebody turns in a circle. */
  readonly stepsMax?: number
}

export async function openWorld(scenario: Scenario, options: WorldOptions = {}): Promise<World> {
  const made = await template(scenario.cast, scenario.accounts)
  const kernel = createKernel(START_MS, options.stepsMax)
  const models = new Map(
    vendorsNamed(vendorsOf(pairingsOf(scenario))).map(({ name, create }): [string, VendorModel] => {
      const aheadMs = scenario.clockMs[name] ?? 0
      const model = create({ clock: () => kernel.now() + aheadMs, seed: 1, limits: scenario.limits })
      model.restore((scenario.bells.on ? made.ringing : made.silent).get(name) ?? '')
      Object.assign(model.settings, scenario.settings[name])
      return [name, model]
    }),
  )
  const subjects = new Map(
    [...models].map(([vendor, model]) => [vendor, { model, hands: handsOf(vendor) }] as const),
  )
  const witness = createWitness(subjects, () => kernel.now())
  const posts = new Map(
    [...models].map(([vendor, model]) => {
      const aheadMs = scenario.clockMs[vendor] ?? 0
      const dice = seededRandom(scenario.seed, `post/${vendor}`)
      return [vendor, createPost({ model, kernel, aheadMs, bells: scenario.bells, dice })]
    }),
  )
  // Told after everything that may have changed something there, whoever did it.
  const notice = (vendor: string) => {
    workflows.wake(vendor)
    posts.get(vendor)?.wake()
  }
  const workflows = workflowsOf(scenario, kernel, models, witness, (vendor) => posts.get(vendor)?.wake())
  const dealings = {
    scenario,
    kernel,
    witness,
    handsOf,
    edit(vendor: string, edit: HumanEdit) {
      const model = models.get(vendor)
      if (model && makeEdit(witness, vendor, model, 'human', edit)) notice(vendor)
    },
  }
  const reflexes = reflexesOf(dealings)
  const haste = hasteOf(dealings)
  const networks = new Map(
    [...models].map(([vendor, model]) => [
      vendor,
      createNetwork({
        vendor,
        model,
        kernel,
        hands: handsOf(vendor),
        witness,
        scenario,
        startMs: START_MS,
        onDeparture: (request, travelMs) => haste.departs(vendor, request, travelMs),
        onChange: () => {
          notice(vendor)
          reflexes.notice(vendor)
        },
      }),
    ]),
  )
  const store = await openStore({ file: options.file ?? ':memory:' })
  const broken = new Set<string>()
  let wasBroken = false

  const mendSchema = (vendor: string, model: VendorModel) => {
    if (broken.delete(vendor)) administer(model, handsOf(vendor).mendSchema)
  }

  return {
    scenario,
    kernel,
    witness,
    template: made,
    models,
    networks,
    posts,
    store,
    approvals: [],
    isSchemaBroken: () => wasBroken,
    act(vendor, action) {
      const model = models.get(vendor)
      const network = networks.get(vendor)
      if (!model || !network) throw new Error(`there is no ${vendor} in this world`)
      switch (action.do) {
        case 'revoke-token':
        case 'renew-token':
          network.revoked = action.do === 'revoke-token'
          return true
        case 'break-schema':
          if (broken.has(vendor)) return false
          broken.add(vendor)
          wasBroken = true
          administer(model, handsOf(vendor).breakSchema)
          return true
        case 'mend-schema':
          mendSchema(vendor, model)
          return true
        default: {
          const edits = editsOf(witness, vendor, handsOf(vendor), action, pairingsOf(scenario))
          const done = edits.filter((edit) => makeEdit(witness, vendor, model, 'human', edit))
          if (done.length > 0) notice(vendor)
          return done.length > 0
        }
      }
    },
    mend() {
      reflexes.rest()
      haste.rest()
      for (const [vendor, model] of models) mendSchema(vendor, model)
    },
    close() {
      // What dead processes had under way would keep this world alive for ever.
      dropRoutes()
      return store.close()
    },
  }
}

function handsOf(vendor: string): Hands {
  const hands = HANDS.get(vendor)
  if (!hands) throw new Error(`nobody knows how to work in ${vendor}`)
  return hands
}

/** False where a person could not do this either. */
function makeEdit(witness: Witness, vendor: string, model: VendorModel, by: By, edit: HumanEdit): boolean {
  try {
    witness.see(vendor, by, KINDS, () => model.edit(edit))
    return true
  } catch (error) {
    if (error instanceof EditRefused) return false
    throw error
  }
}

// -- workflows ------------------------------------------------------------------------------------------

const REWRITES: Readonly<Record<Workflow, (job: string) => string>> = {
  'upper-case': (job) => job.toUpperCase(),
  'lower-case': (job) => job.toLowerCase(),
  // Inside the class: what a person would call the same title.
  'trailing-blank': (job) => `${job.trimEnd()} `,
}

/** How long a workflow takes to notice. */
const WORKFLOW_MS = 1_500

/** Rewrites every job title that is not as the account wants it, some time after anything was written there. */
function workflowsOf(
  scenario: Scenario,
  kernel: Kernel,
  models: ReadonlyMap<string, VendorModel>,
  witness: Witness,
  onChange: (vendor: string) => void,
): { wake(vendor: string): void } {
  const awake = new Set<string>()
  const tidy = (vendor: string, rewrite: (job: string) => string) => {
    const model = models.get(vendor)
    const hands = handsOf(vendor)
    if (!model) return
    for (const [id, record] of witness.live(vendor, 'person')) {
      const job = hands.jobOf(record)
      if (job === '' || rewrite(job) === job) continue
      const values = hands.values('person', { job: rewrite(job) })
      const edit: HumanEdit = {
        action: 'update',
        object: hands.objectOf('person', id),
        id,
        values,
        automated: true,
      }
      makeEdit(witness, vendor, model, 'workflow', edit)
    }
  }
  return {
    wake(vendor) {
      const workflow = scenario.workflows[vendor]
      if (!workflow || awake.has(vendor)) return
      awake.add(vendor)
      void kernel.sleep(WORKFLOW_MS).then(() => {
        awake.delete(vendor)
        tidy(vendor, REWRITES[workflow])
        onChange(vendor)
      })
    },
  }
}
