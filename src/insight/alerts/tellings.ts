/** Which turns of alerts are told of, to whom, and in which words: one message for each, or for all of a rule that turn together. */
import type { ToTell, ToTellAll } from '../../approval/tell/message.ts'
import { toTell } from '../../domain/alert/alert.ts'
import { RULES } from '../../domain/alert/rules.ts'
import { chunks } from '../../domain/chunks.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import type { AlertRow } from '../../records/alert/alerts.ts'
import { workflowById } from '../../records/definitions/workflows.ts'
import { isGone } from '../../records/people/former-members.ts'
import { membersByRole } from '../../records/people/teams.ts'
import { resolvedWords, wordsOf } from './words.ts'

type Turn = 'fired' | 'resolved'

/** A message, and the alerts whose turn it tells of. */
export interface Telling extends ToTellAll {
  alerts: AlertRow[]
  what: Turn
}

/** More of one rule that turn together are one message. */
const ONE_BY_ONE = 3
/** Lines of such a message. */
const LINES = 20

/** What is to be told of these alerts now. */
export async function toTellOf(env: Env, team: string, rows: AlertRow[], now: number): Promise<Telling[]> {
  const turns = rows.flatMap(row => {
    const what = toTell(row, row.mutedUntil, now)
    return what === null ? [] : [{ row, what }]
  })
  if (turns.length === 0) return []
  const admins = await membersByRole(env.DB, team, 'admin')
  const groups = new Map<string, Telling['alerts']>()
  const [people, whats] = [new Map<string, string[]>(), new Map<string, Turn>()]
  for (const { row, what } of turns) {
    const to = await peopleOf(env, team, row.workflow, admins)
    const key = JSON.stringify([row.rule, what, to])
    groups.set(key, [...(groups.get(key) ?? []), row])
    people.set(key, to)
    whats.set(key, what)
  }
  return [...groups].flatMap(([key, alerts]) => {
    const what = whats.get(key)!
    const parts = alerts.length > ONE_BY_ONE ? [alerts] : chunks(alerts, 1)
    return parts.map(part => ({ alerts: part, what, people: people.get(key)!, told: toldOf(team, part, what) }))
  })
}

/** Who hears of it: the workflow's owner, as long as they are there, else the team's admins. */
async function peopleOf(env: Env, team: string, workflow: string, admins: string[]): Promise<string[]> {
  const owner = workflow === '' ? null : ((await workflowById(env.DB, team, workflow))?.owner ?? null)
  const to = owner === null || (await isGone(env.DB, team, owner)) ? admins : [owner]
  return [...new Set(to.map(each => each.toLowerCase()))].sort()
}

function toldOf(team: string, alerts: AlertRow[], what: Turn): ToTell {
  // An episode is told once, however often it is tried.
  const key = `alert:${what}:${alerts.map(({ id, episode }) => `${id}:${episode}`).join()}`
  const [first] = alerts as [AlertRow]
  const mark = what === 'fired' ? 'Alert' : 'Resolved'
  if (alerts.length > 1) {
    const lines = alerts.slice(0, LINES).map(alert => `- ${wordsOf(alert).title}: ${saidOf(alert, what)}`)
    const rest = alerts.length > LINES ? [`… and ${alerts.length - LINES} more.`] : []
    const subject = `${mark}: ${RULES[first.rule].name}, ${alerts.length} at once`
    return { kind: 'alert', team, subject, text: [...lines, ...rest].join('\n'), path: '/health#alerts', key }
  }
  const { title, path } = wordsOf(first)
  const hint = what === 'fired' ? `\n\nMute it or change its threshold under Insight, Health.` : ''
  const subject = shorten(`${mark}: ${title}`, 200)
  return { kind: 'alert', team, subject, text: `${saidOf(first, what)}${hint}`, path, key }
}

function saidOf(alert: AlertRow, what: Turn): string {
  return what === 'fired' ? wordsOf(alert).said : resolvedWords(alert)
}
