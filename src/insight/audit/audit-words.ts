/** An audit row in words: what happened, and the facts that matter at a glance. The whole of it is in the task's log. */
import { factsIn, wereErased } from '../../domain/proof/link.ts'
import type { Actor } from '../../domain/task/events.ts'
import { dayInWords } from '../../domain/text/date-text.ts'
import { callName } from '../../domain/workflow/call-choices.ts'
import { actorName } from '../../http/names.ts'
import type { ActType } from '../../records/acts.ts'

const ACT_WORDS: Record<ActType, string> = {
  'workflow.created': 'Workflow made',
  'workflow.published': 'Workflow published',
  'workflow.paused': 'Workflow paused',
  'workflow.activated': 'Workflow activated',
  'workflow.archived': 'Workflow archived',
  'workflow.restored': 'Workflow restored',
  'workflow.deleted': 'Workflow deleted',
  'review.scheduled': 'Review by mail set',
  'baseline.set': 'Time without Baton set',
  'template.made': 'Workflow made a template',
  'template.withdrawn': 'Template withdrawn',
  'agent.changed': 'Agent saved',
  'agent.deleted': 'Agent deleted',
  'intake.created': 'Intake opened',
  'intake.changed': 'Intake changed',
  'intake.paused': 'Intake paused',
  'intake.resumed': 'Intake resumed',
  'intake.deleted': 'Intake closed',
  'intake_secret.rolled': 'Secret of an intake rolled',
  'held.started': 'Held deliveries started',
  'held.discarded': 'Held deliveries discarded',
  'callback.resent': 'Callback sent again',
  'task.deleted': 'Task deleted',
  'task.erased': 'Words taken out of a task',
  'retention.changed': 'How long things are kept changed',
  'data.deleted': 'What was kept long enough deleted',
  'archive.deleted': 'Archive deleted',
  'team.ending': 'Team to be deleted',
  'team.kept': 'Team kept after all',
  'team.exported': 'All data saved',
  'share.made': 'Link to a task made',
  'share.revoked': 'Link to a task taken back',
  'person.invited': 'Person invited',
  'invitation.withdrawn': 'Invitation withdrawn',
  'person.joined': 'Person joined',
  'role.changed': 'Role changed',
  'person.removed': 'Person removed',
  'person.left': 'Person left',
  'team.made': 'Team made',
  'absence.set': 'Away',
  'absence.ended': 'Back, or stand-in changed',
  'sessions.ended': 'Signed out everywhere',
  'key.made': 'Key made',
  'key.rolled': 'Key rolled',
  'key.revoked': 'Key revoked',
  'limits.changed': 'Limits of the team changed',
  'price.set': 'Price of a model set',
  'price.deleted': 'Price of a model taken away',
  'settings.changed': 'Settings of the team changed',
  'embedding.changed': 'Sites that may show tasks set',
  'hours.changed': 'Working hours changed',
  'alerts.changed': 'Thresholds of alerts changed',
  'alert.muted': 'Alert muted',
  'alert.unmuted': 'Alert no longer muted',
  'channel.made': 'Channel made',
  'channel.rolled': 'Channel’s secret rolled',
  'channel.deleted': 'Channel deleted',
  'secret.set': 'Secret set',
  'secret.deleted': 'Secret deleted',
  'tool.changed': 'Tool changed',
  'call.tried': 'Call tried',
  'tool.deleted': 'Tool deleted',
  'provider.changed': 'Provider of models changed',
  'provider.deleted': 'Provider of models deleted',
  'provider.tried': 'Provider of models tried',
  'mcp_server.changed': 'MCP server changed',
  'mcp_server.deleted': 'MCP server deleted',
  'mcp_tools.chosen': 'Tools of a server chosen',
  'mcp_tool.accepted': 'Changed tool accepted',
  'skill.changed': 'Skill changed',
  'skill.deleted': 'Skill deleted',
  'knowledge.changed': 'Knowledge changed',
  'knowledge.checked': 'Knowledge found right still',
  'knowledge.deleted': 'Knowledge deleted',
  'answer.offered': 'Answer offered as knowledge',
  'answer.taken': 'Answer taken as knowledge',
  'answer.turned_down': 'Answer not taken as knowledge',
  'callback_secret.made': 'Secret of callbacks made',
  'callback_secret.shown': 'Secret of callbacks shown',
  'callback_secret.rolled': 'Secret of callbacks rolled',
}

/** What can be asked for, in the order that things happen; the words are those of the pages. */
export const TYPE_WORDS: Record<string, string> = {
  created: 'Task made',
  entered: 'Came to a step',
  planned: 'Parts planned',
  queued: 'Waits for its turn',
  due: 'Work became due',
  claimed: 'Work began',
  beaten: 'Work goes on',
  turned: 'A model’s turn',
  called: 'Call made',
  answered: 'Call answered',
  allowed: 'Call allowed',
  lapsed: 'Work was given up',
  reported: 'Work reported',
  joined: 'Output made',
  fenced: 'No longer needed',
  booked: 'Late usage booked',
  asking: 'People looked up',
  asked: 'People asked',
  awaiting: 'Wait began',
  listening: 'Wait for an event began',
  weighed: 'Event looked at',
  awaited: 'Wait ended',
  started: 'Task of another workflow started',
  recalled: 'Task called back',
  returned: 'Task came back',
  told: 'Task that started it was told',
  assigned: 'Others asked',
  edited: 'Edited',
  filled: 'Filled in',
  decided: 'Decided',
  staged: 'Next stage asked',
  undone: 'Decision undone',
  commented: 'Comment',
  reminded: 'Reminded',
  effected: 'Decision took effect',
  skipped: 'Not reviewed (sampled)',
  routed: 'Handed over',
  left: 'Left a step',
  stuck: 'Stuck',
  failed: 'Failed',
  held: 'Held',
  released: 'Released',
  raised: 'Limits raised',
  migrated: 'Moved to another version',
  noticed: 'Outside event',
  attached: 'Files added',
  detached: 'File deleted',
  read: 'File read',
  finished: 'Done',
  cancelled: 'Cancelled',
  ...ACT_WORDS,
}

/** What goes without saying beside anything else. */
const SILENT = new Set(['due', 'claimed', 'beaten', 'booked', 'joined', 'planned', 'queued'])

/** "Work reported, handed over, came to a step". */
export function typesInWords(types: string): string {
  const all = types.split(' ')
  const telling = all.filter(type => !SILENT.has(type))
  const words = (telling.length > 0 ? telling : all).map(type => TYPE_WORDS[type] ?? type)
  return words.map((word, index) => (index === 0 ? word : word[0]!.toLowerCase() + word.slice(1))).join(', ')
}

type Fact = Record<string, unknown> & { type?: string }

/** The telling part of the facts, in a line; '' where the types say it all. */
export function factsInWords(facts: string): string {
  if (wereErased(facts)) return 'what it said was erased'
  return factsIn<Fact>(facts).map(factInWords).filter(Boolean).join('; ')
}

function factInWords(fact: Fact): string {
  const text = (name: string) => said(fact[name])
  switch (fact.type) {
    case 'reported':
      return text('outcome') === 'failed' ? `${text('code')}: ${text('message')}` : text('model')
    case 'skipped':
      return `“${text('handoff')}”, as 1 in ${text('oneIn')} is looked at`
    case 'decided':
      return `“${text('handoff')}”${text('note') === '' ? '' : `: ${text('note')}`}`
    case 'routed':
      return `${text('outcome')} → ${text('to') || 'nowhere'}`
    case 'stuck':
    case 'failed':
    case 'held':
    case 'due':
      return text('message') || text('reason') || text('why')
    case 'cancelled':
      return text('note')
    case 'asked': {
      const people = Array.isArray(fact.assignees) ? fact.assignees.map(nameOf).join(', ') : ''
      const about = ASKED[text('kind')]?.(callName(text('tool')))
      return about === undefined ? people : `${about} ${people}`.trim()
    }
    case 'called':
      return callName(text('tool'))
    case 'answered':
      return text('status') || (fact.ok === false ? 'failed' : '')
    case 'turned':
      return text('model')
    case 'assigned':
      return Array.isArray(fact.to) ? fact.to.map(nameOf).join(', ') : ''
    case 'migrated':
      return `version ${text('version')}`
    case 'call.tried':
      return text('step') === '' ? text('call') : `${text('workflow')}, step ${text('step')}: ${text('call')}`
    case 'workflow.published':
      return `${named(text('name'))}: ${versions(text)}${text('note') === '' ? '' : `, “${text('note')}”`}`
    case 'agent.changed':
    case 'tool.changed':
    case 'skill.changed':
    case 'knowledge.changed':
      return [`${text('name')}: ${fact.from === null ? 'new' : versions(text)}`, text('changes')]
        .filter(Boolean)
        .join('; ')
    case 'intake.created':
    case 'intake.changed':
    case 'intake.deleted':
      return [`${named(text('name'))} (${text('kind')})`, text('changes')].filter(Boolean).join(': ')
    case 'intake.paused':
    case 'intake.resumed':
    case 'intake_secret.rolled':
      return `${named(text('name'))} (${text('kind')})`
    case 'data.deleted':
      return `${text('rows')} ${text('kind') === 'tasks' ? 'tasks' : 'rows of the audit log'}${text('archive') === '' ? ', without an archive' : `, kept in ${text('archive')}`}`
    case 'archive.deleted':
      return `${text('archive')}, of ${text('rows')}`
    case 'share.made':
    case 'share.revoked':
      return `${text('task')}: ${text('detail')}${text('inputs') === 'yes' ? ', with what came in' : ''}, until ${dayInWords(fact.until)}`
    case 'task.deleted':
    case 'task.erased':
      return text('task')
    case 'absence.set':
      if (fact.changes !== undefined) return `${text('email')}: ${text('changes')}`
      return `${text('email')} until ${dayInWords(fact.until)}${text('backup') === '' ? '' : `, ${text('backup')} stands in`}`
    default:
      if (!isAct(fact)) return text('email') || text('name')
      return [subjectOf(fact), changeOf(fact)].filter(Boolean).join(': ')
  }
}

/** Acts have a dot in their name, events of tasks none. */
function isAct({ type }: Fact): boolean {
  return type?.includes('.') === true
}

/** Whom or what an act was done to. */
function subjectOf(fact: Fact): string {
  const [email, name, host] = [said(fact.email), said(fact.name), said(fact.host)]
  if (email !== '') return email
  if (name === '') return host === '' ? '' : [said(fact.kind), host].filter(Boolean).join(', ')
  if (fact.key !== undefined) return `${name} …${said(fact.last4)}`
  return fact.workflow === undefined ? name : named(name)
}

/** What it was before, and what after. Acts of before say no more than what was done. */
function changeOf({ from, to, changes }: Fact): string {
  const states = from === undefined || to === undefined ? '' : `${said(from) || 'none'} → ${said(to) || 'none'}`
  return [states, said(changes)].filter(Boolean).join('; ')
}

/** A plain value as it is written; of all else nothing. */
function said(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : ''
}

function named(name: string): string {
  return `“${name}”`
}

/** From which version to which it went; of what is new, that it is. Acts of before say no version. */
function versions(text: (name: string) => string): string {
  const [from, to] = [text('from'), text('to')]
  if (from === '') return to === '' ? 'saved' : `version ${to}`
  return `version ${from} → ${to === '' ? Number(from) + 1 : to}`
}

/** What is asked of a call. */
const ASKED: Record<string, (name: string) => string> = {
  call: name => `may ${name} be called?`,
  question: () => 'a question to',
  outcome: name => `did the call of ${name} happen?`,
}

function nameOf(one: unknown): string {
  return typeof one === 'string' ? one : said((one as { email?: unknown } | null)?.email)
}

/** The row in a sentence: "Ana: Workflow published, “Told”: version 1 → 2". */
export function rowInWords({ actor, types, facts }: { actor: string; types: string; facts: string }): string {
  const told = factsInWords(facts)
  return `${actorInWords(actor)}: ${typesInWords(types)}${told === '' ? '' : `, ${told}`}`
}

/** The mark of the address that it came from; '' where none is known. */
export function originInWords(actor: string): string {
  return (JSON.parse(actor) as { from?: string }).from ?? ''
}

/** Who did it, as pages name them. */
export function actorInWords(actor: string): string {
  return actorName(JSON.parse(actor) as Actor)
}
