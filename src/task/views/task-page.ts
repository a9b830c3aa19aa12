/** A task's page as its views read it: the task's story, its timeline, who looks at it, and what they are about to do. */

import type { CommandType } from '../../domain/task/commands.ts'
import { isOver } from '../../domain/task/state.ts'
import type { Story } from '../../domain/task/told/story.ts'
import type { Choosable } from '../../records/people/choosable.ts'
import type { RelatedTask } from '../../records/task/tasks.ts'
import type { Cheaper } from '../cheaper.ts'
import type { FormMistake, MenuCommand, PageCommand } from '../page/command-form.ts'
import { timelineOf } from '../page/timeline.ts'
import type { Visit } from '../page/visit-story.ts'

/** Tasks that have to do with this one, by id: those that it started, and the one that started it. */
export type Related = ReadonlyMap<string, RelatedTask>

export interface TaskPage extends Story {
  related: Related
  /** Until when what came of it is proven; null: nothing is, or not yet. */
  proven: number | null
  visits: Visit[]
  /** The address of who looks, in lower case. */
  viewer: string
  /** Viewers of the team only look. */
  canAct: boolean
  /** Whether they may delete it. */
  canDelete: boolean
  /** Whether they own the team or the workflow. */
  isOwner: boolean
  /** The team's members, to choose from. */
  members: Choosable[]
  /** What it may go on with where its cost limit stopped it. */
  cheaper: Cheaper[]
  /** The commands on offer, in the menu's order. */
  commands: MenuCommand[]
  /** The command whose form is open. */
  doing: PageCommand | null
  mistake: FormMistake | null
  /** Why the task did not take a command. */
  refused: string | null
  /** What was typed into that form. */
  typed(name: string): string | undefined
  /** Makes a form that is sent twice the same request. */
  key: string
  now: number
}

export interface Looking {
  related: Related
  proven: number | null
  viewer: string
  canAct: boolean
  canDelete?: boolean
  isOwner: boolean
  members: Choosable[]
  cheaper?: Cheaper[]
  doing?: PageCommand | null
  mistake?: FormMistake | null
  refused?: string | null
  key: string
  typed?: (name: string) => string | undefined
  now: number
}

/** Puts the page together. */
export function taskPageOf(story: Story, looking: Looking): TaskPage {
  return {
    ...story,
    ...looking,
    visits: timelineOf(story.events, story.view.status),
    canDelete: looking.canDelete === true && isOver(story.view.status),
    commands: commandsFor(story),
    cheaper: looking.cheaper ?? [],
    doing: looking.doing ?? null,
    mistake: looking.mistake ?? null,
    refused: looking.refused ?? null,
    typed: looking.typed ?? (() => undefined),
  }
}

function commandsFor({ act, allowed, view, asks }: Story): MenuCommand[] {
  const takes = (command: CommandType) => allowed.includes(command)
  const offers: Record<MenuCommand, boolean> = {
    // What waits for people is not tried again; what stands still beside it is.
    retry: takes('retry') && (asks.length === 0 || view.status === 'failed' || act === 'retry'),
    move: takes('move'),
    route: takes('route'),
    assign: takes('assign') && asks.length > 0,
    raise: takes('raise'),
    rerun: true,
    cancel: takes('cancel'),
  }
  return ORDER.filter(command => offers[command])
}

const ORDER: MenuCommand[] = ['retry', 'move', 'route', 'assign', 'raise', 'rerun', 'cancel']

/** How often the page looks again by itself, in seconds; null: nothing happens without anyone's doing. */
export function looksAgain({ view, visits }: Pick<TaskPage, 'view' | 'visits'>): number | null {
  if (view.status === 'running' || view.status === 'held' || view.undo !== undefined) return 2
  // What it waits for may be done elsewhere, at any time.
  const isWaited = visits.at(-1)?.runs.some(run => run.children.some(child => child.waits && child.ended === null))
  return view.status === 'waiting' && isWaited ? 10 : null
}
