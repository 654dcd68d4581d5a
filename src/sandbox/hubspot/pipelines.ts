/** Pipelines and their stages per object type (HubSpot fact sheet 13). */
import { LIFECYCLE_STAGES } from './catalogue/shared.ts'
import { conflict, instant, invalid, notFound, Problem } from './wire.ts'

export interface Stage {
  readonly id: string
  readonly label: string
  readonly displayOrder: number
  readonly metadata: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly updatedAt: number
  readonly archived: boolean
}

export interface Pipeline {
  readonly id: string
  readonly label: string
  readonly displayOrder: number
  readonly stages: readonly Stage[]
  readonly createdAt: number
  readonly updatedAt: number
  readonly archived: boolean
}

/** 100 stages per pipeline (13). */
const STAGES_MAX = 100

export class Pipelines {
  private readonly byType = new Map<string, Pipeline[]>()

  constructor() {
    this.byType.set('0-1', [lifecyclePipeline('contacts-lifecycle-pipeline')])
    this.byType.set('0-2', [lifecyclePipeline('companies-lifecycle-pipeline')])
    this.byType.set('0-3', dealPipelines())
    this.byType.set('0-5', [
      pipeline('0', 'Support Pipeline', 0, [
        ticketStage('1', 'New', false),
        ticketStage('2', 'Waiting on contact', false),
        ticketStage('3', 'Waiting on us', false),
        ticketStage('4', 'Closed', true),
      ]),
    ])
  }

  list(typeId: string): readonly Pipeline[] {
    return this.byType.get(typeId) ?? []
  }

  find(typeId: string, id: string): Pipeline | undefined {
    return this.list(typeId).find((candidate) => candidate.id === id)
  }

  get(typeId: string, id: string): Pipeline {
    const found = this.find(typeId, id)
    if (found === undefined) throw notFound()
    return found
  }

  /** Where a deal or ticket lands that names no pipeline. */
  first(typeId: string): Pipeline | undefined {
    return this.list(typeId)[0]
  }

  /** Stage ids are unique per object type. */
  stage(typeId: string, stageId: string): { pipeline: Pipeline; stage: Stage } | undefined {
    for (const candidate of this.list(typeId)) {
      const stage = candidate.stages.find((entry) => entry.id === stageId)
      if (stage !== undefined) return { pipeline: candidate, stage }
    }
    return undefined
  }

  put(typeId: string, next: Pipeline): Pipeline {
    if (next.stages.length > STAGES_MAX) throw invalid(`A pipeline can have at most ${STAGES_MAX} stages`)
    const list = this.byType.get(typeId) ?? []
    const sameLabel = list.find((entry) => entry.label === next.label && entry.id !== next.id)
    if (sameLabel !== undefined) throw conflict(`A pipeline with the label ${next.label} already exists`)
    const index = list.findIndex((entry) => entry.id === next.id)
    if (index === -1) list.push(next)
    else list[index] = next
    this.byType.set(typeId, list)
    return next
  }

  remove(typeId: string, id: string): void {
    const list = this.list(typeId)
    this.byType.set(
      typeId,
      list.filter((entry) => entry.id !== id),
    )
  }

  save(): unknown {
    return [...this.byType]
  }

  load(saved: unknown): void {
    this.byType.clear()
    for (const [typeId, list] of saved as [string, Pipeline[]][]) this.byType.set(typeId, list)
  }
}

/** HubSpot names the stage in the sub-category, and its twin for pipelines (5.2). */
export function inUse(what: 'STAGE' | 'PIPELINE', id: string): Problem {
  return new Problem(
    400,
    `${what === 'STAGE' ? 'Stage' : 'Pipeline'} ${id} is in use and cannot be deleted`,
    {
      category: 'VALIDATION_ERROR',
      subCategory: `PipelineError.${what}_ID_IN_USE`,
    },
  )
}

export function printPipeline(entry: Pipeline): unknown {
  return {
    label: entry.label,
    displayOrder: entry.displayOrder,
    id: entry.id,
    stages: entry.stages.map(printStage),
    createdAt: instant(entry.createdAt),
    updatedAt: instant(entry.updatedAt),
    archived: entry.archived,
  }
}

export function printStage(stage: Stage): unknown {
  return {
    label: stage.label,
    displayOrder: stage.displayOrder,
    metadata: stage.metadata,
    id: stage.id,
    createdAt: instant(stage.createdAt),
    updatedAt: instant(stage.updatedAt),
    writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
    archived: stage.archived,
  }
}

type NewStage = Pick<Stage, 'id' | 'label' | 'metadata'>

/** Defaults carry timestamps of 1970 (13). */
function pipeline(
  id: string,
  label: string,
  displayOrder: number,
  stages: readonly NewStage[],
  at = 0,
): Pipeline {
  return {
    id,
    label,
    displayOrder,
    stages: stages.map((stage, order) => ({
      ...stage,
      displayOrder: order,
      createdAt: at,
      updatedAt: at,
      archived: false,
    })),
    createdAt: at,
    updatedAt: at,
    archived: false,
  }
}

function dealStage(id: string, label: string, probability: string): NewStage {
  const isClosed = probability === '1.0' || probability === '0.0'
  return { id, label, metadata: { isClosed: String(isClosed), probability } }
}

function ticketStage(id: string, label: string, isClosed: boolean): NewStage {
  return { id, label, metadata: { ticketState: isClosed ? 'CLOSED' : 'OPEN', isClosed: String(isClosed) } }
}

function dealPipelines(): Pipeline[] {
  const custom = Date.UTC(2024, 2, 11, 9, 30)
  return [
    pipeline('default', 'Sales Pipeline', 0, [
      dealStage('appointmentscheduled', 'Appointment Scheduled', '0.2'),
      dealStage('qualifiedtobuy', 'Qualified To Buy', '0.4'),
      dealStage('presentationscheduled', 'Presentation Scheduled', '0.6'),
      dealStage('decisionmakerboughtin', 'Decision Maker Bought-In', '0.8'),
      dealStage('contractsent', 'Contract Sent', '0.9'),
      dealStage('closedwon', 'Closed Won', '1.0'),
      dealStage('closedlost', 'Closed Lost', '0.0'),
    ]),
    // Ids of custom pipelines are numbers or UUIDs, those of their stages too; labels repeat across
    // pipelines.
    pipeline(
      '70411873',
      'Renewals',
      1,
      [
        dealStage('139485001', 'Upcoming', '0.5'),
        dealStage('139485002', 'In Negotiation', '0.7'),
        dealStage('139485003', 'Closed Won', '1.0'),
        dealStage('139485004', 'Closed Lost', '0.0'),
      ],
      custom,
    ),
    pipeline(
      'b4f0c5a2-6d5e-4c06-9d0f-2a8f6e1b7c35',
      'Partnerships',
      2,
      [
        dealStage('0d8a4a3e-5b1c-4d3c-8a57-6a1f0f6d9b21', 'First Contact', '0.1'),
        dealStage('5f7b1c92-3e0d-4f8b-b2a9-c7d64e80a113', 'Evaluation', '0.4'),
        dealStage('9c21e6d4-8f47-49a5-a6b3-17e05b9d2f68', 'Signed', '1.0'),
        dealStage('e3a05f71-b6c8-4d12-95ef-80c4d7a9362b', 'Declined', '0.0'),
      ],
      custom,
    ),
  ]
}

function lifecyclePipeline(id: string): Pipeline {
  const stages = LIFECYCLE_STAGES.map((entry) => {
    const [value = '', label = ''] = entry.split('|')
    const isClosed = value === LIFECYCLE_STAGES.at(-1)?.split('|')[0]
    return { id: value, label, metadata: { isClosed: String(isClosed), state: isClosed ? 'CLOSED' : 'OPEN' } }
  })
  return pipeline(id, 'Lifecycle Stage Pipeline', 0, stages)
}
