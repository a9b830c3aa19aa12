/** What a question's page says when there is nothing (more) to choose: decided, answered, no longer asked, expired, forged. */
import type { Child } from 'hono/jsx'
import type { AskKind } from '../../domain/task/people/ask.ts'
import type { Story } from '../../domain/task/told/story.ts'
import { buttonName, targetName } from '../../domain/workflow/consequence.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { STATE_LABEL } from '../../http/components/badge.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Icon, type IconName } from '../../http/components/icon.tsx'
import { absolute, Left, Time } from '../../http/components/value/time.tsx'
import { actorName } from '../../http/names.ts'
import type { VoteStory } from '../../task/page/visit-story.ts'
import type { Standing, Superseded } from '../question/standing.ts'
import { undoableUntil } from '../question/undo.ts'

interface Told {
  icon: IconName
  title: string
  children?: Child
}

const Tell = ({ icon, title, children }: Told) => (
  <div class="approval approval-done">
    <Icon name={icon} size={28} />
    <h1 class="approval-ask">{title}</h1>
    {children}
  </div>
)

type ToldStory = { story: Story; now: number; links?: Child }

/** "Decided by Ana": who, when, what, and how the task stands now. */
export const Decided = (
  props: ToldStory & {
    vote: VoteStory
    of: AskKind
    late?: boolean
    who: string | null
    /** What is said above all, of something that came to nothing. */
    said?: string
    undo?: Undo
  },
) => {
  const { vote, story, now, late, links, who, said, undo } = props
  const until = undoableUntil(vote, now)
  const isOwn = isBy(vote, who)
  const lateTitle = isOwn ? 'You decided this already' : 'Somebody was faster: this is decided already'
  return (
    <Tell icon="done" title={late ? lateTitle : isOwn ? 'You decided this' : 'This is decided'}>
      {said !== undefined && <ErrorNotice>{said}</ErrorNotice>}
      <Choice vote={vote} of={props.of} now={now} who={who} />
      <p class="approval-meta">
        <span>{absolute(vote.at)}</span>
        <bdi hx-ignore>{story.view.title}</bdi>
        <span hx-ignore>{story.definition.name}</span>
      </p>
      {until === null ? (
        <p>{nowAt(story)} Nothing is left to do here.</p>
      ) : (
        <Undoable until={until} now={now} undo={undo !== undefined && (isOwn || undo.owner) ? undo : null} />
      )}
      {links}
    </Tell>
  )
}

/** Where the form that takes a decision back goes, and whether whoever looks may do so for others. */
interface Undo {
  action: string
  visit: number
  run: number
  owner: boolean
}

const Undoable = ({ until, now, undo }: { until: number; now: number; undo: Undo | null }) => (
  <>
    <p>
      Nothing has come of it yet: it takes effect in <Left until={until} now={now} />, at {seconds(until)} UTC.
    </p>
    {undo === null ? (
      <p>Whoever decided, or an owner, can undo it until then.</p>
    ) : (
      <form method="post" action={undo.action}>
        <input type="hidden" name="undo" value="1" />
        <input type="hidden" name="visit" value={String(undo.visit)} />
        <input type="hidden" name="run" value={String(undo.run)} />
        <button class="button button--primary" type="submit">
          Undo
        </button>
      </form>
    )}
  </>
)

/** "10:04:31". */
function seconds(at: number): string {
  return new Date(at).toISOString().slice(11, 19)
}

/** Whether this person gave the vote, by link or behind a session. */
function isBy({ by }: VoteStory, who: string | null): boolean {
  return by.kind !== 'system' && by.id.toLowerCase() === who
}

const Choice = ({ vote, of, now, who }: { vote: VoteStory; of?: AskKind; now: number; who: string | null }) => (
  <p>
    <strong>{isBy(vote, who) ? 'You' : actorName(vote.by)}</strong> chose{' '}
    <strong>“{buttonName(vote.handoff, of)}”</strong> <Time at={vote.at} now={now} />
    {vote.note === null ? (
      '.'
    ) : (
      <>
        , and noted: <q hx-ignore>{vote.note}</q>
      </>
    )}
    {vote.files.length > 0 && (
      <span hx-ignore>
        {' '}
        Added: <bdi>{vote.files.map(({ name }) => name).join(', ')}</bdi>.
      </span>
    )}
  </p>
)

function nowAt({ view, definition }: Story): string {
  const at = view.step === null ? '' : ` at ${targetName(definition, view.step)}`
  return `The task is ${STATE_LABEL[view.status].toLowerCase()} now${at}.`
}

/** This person has answered; others are still to. */
export const Voted = (props: ToldStory & { standing: Extract<Standing, { kind: 'voted' }>; who: string | null }) => {
  const { ask, vote } = props.standing
  const { stage } = ask
  const isOver = stage !== undefined && !ask.assignees.some(each => each.email === props.who)
  const given = ask.votes.filter(each => each.digest === ask.digest && each.handoff === ask.approve).length
  const open = ask.assignees.filter(each => !each.decided).map(each => each.email)
  return (
    <Tell icon="done" title={isOver ? 'Your answer is recorded' : `Your answer is recorded: ${given} of ${ask.needs}`}>
      {vote !== null && <Choice vote={vote} now={props.now} who={props.who} />}
      <p>
        {stage !== undefined && `It is at stage ${stage.n} of ${stage.of}. `}
        {isOver
          ? `Asked now: ${open.join(', ') || 'nobody yet'}. `
          : `It takes ${ask.needs} ${ask.needs === 1 ? 'approval' : 'approvals'}. `}
        {!isOver && open.length > 0 && `Asked besides you: ${open.join(', ')}. `}
        Should the content change, you will be asked again.
      </p>
      {props.links}
    </Tell>
  )
}

/** The question was taken back before anyone decided. */
export const NoLongerAsked = (
  props: Omit<ToldStory, 'story'> & { story: Story | null; standing: Extract<Standing, { kind: 'superseded' }> },
) => {
  const { standing, story, now } = props
  const { title, next } = SUPERSEDED[standing.why]
  return (
    <Tell icon="info" title={title}>
      <p>
        Nobody decided here, and nothing you do here can.
        {standing.by !== null && standing.at !== null && (
          <>
            {' '}
            It was {actorName(standing.by)}, <Time at={standing.at} now={now} />.
          </>
        )}
      </p>
      {story !== null && (
        <p>
          <bdi>{story.view.title}</bdi>: {nowAt(story)} {next}
        </p>
      )}
      {props.links}
    </Tell>
  )
}

const ASKED_AGAIN = 'If you are needed again, you get a new link.'
const SUPERSEDED: Record<Superseded, { title: string; next: string }> = {
  moved: { title: 'The task was moved to another step', next: ASKED_AGAIN },
  migrated: { title: 'The task went on in a newer version of its workflow', next: ASKED_AGAIN },
  limit: { title: 'The task reached a limit and went elsewhere', next: ASKED_AGAIN },
  routed: { title: 'The task was sent on by hand', next: ASKED_AGAIN },
  cancelled: { title: 'The task was cancelled', next: '' },
  failed: {
    title: 'The task has failed and asks nobody right now',
    next: 'Once it is taken up again, this link works again.',
  },
  reassigned: { title: 'Somebody else is asked now', next: 'If that is a mistake, tell whoever gave you the link.' },
  staged: { title: 'Another stage is asked now', next: 'When it is your turn, you get a new link.' },
  needless: { title: 'The others’ answers were enough', next: ASKED_AGAIN },
  gone: { title: 'This question is no longer open', next: ASKED_AGAIN },
}

/** The link was ours, and its time is over. */
export const Expired = ({
  recipient,
  at,
  open,
  action,
}: {
  recipient: string
  at: number
  open: boolean
  action: string
}) => (
  <Tell icon="clock" title="This link has expired">
    <p>
      It was for {recipient} and ended <Time at={at} />. {open ? 'The question is still open.' : ''}
    </p>
    {open && (
      <form method="post" action={action}>
        <input type="hidden" name="renew" value="1" />
        <button class="button button--primary" type="submit">
          Mail a new link to {recipient}
        </button>
      </form>
    )}
    <SignIn />
  </Tell>
)

/** The address has left the team since; what waited for it is somebody else's. */
export const NoMember = ({ recipient, owners }: { recipient: string; owners: string[] }) => (
  <Tell icon="info" title="This address is no longer in the team">
    <p>Nothing was decided. What waited for {recipient} has gone to the owners, and the links it was sent are dead.</p>
    <p>
      If you should be in the team, ask an owner to invite you again:{' '}
      {owners.map((owner, index) => (
        <>
          {index > 0 && ', '}
          <a href={`mailto:${encodeURI(owner)}`}>{owner}</a>
        </>
      ))}
      .
    </p>
  </Tell>
)

export const Renewed = ({ recipient }: { recipient: string }) => (
  <Tell icon="mail" title="A new link is on its way">
    <p>It goes to {recipient}, and only there. At most one is sent every ten minutes.</p>
  </Tell>
)

/** Nothing is said about what a forged link might be for. */
export const Forged = () => (
  <Tell icon="shield" title="This link is not valid">
    <p>
      It may have been cut short when it was copied, or the key that it was signed with has been replaced since. Nothing
      was changed.
    </p>
    <p>Open the link in the mail itself, or ask whoever sent it for a new one.</p>
    <SignIn />
  </Tell>
)

const SignIn = () => (
  <p>
    With an account you find everything that waits for you in <a href="/approvals">your approvals</a>.
  </p>
)

/** What is shown where a page of another site sent the form. */
export const CrossSite = ({ href }: { href: string }) => (
  <Tell icon="shield" title="This did not come from the page of the question">
    <p>Another site sent it, so nothing was decided.</p>
    <p>
      <a href={href}>Look at the question itself</a>
    </p>
  </Tell>
)

/** Why the task did not take a decision, where the question is still open. */
export function refusalSentence(kind: string, definition: Definition): string {
  switch (kind) {
    case 'requester_barred':
      return `Whoever started this task may not decide it: ${definition.name} asks for another pair of eyes.`
    case 'code_required':
      return 'Deciding this by link needs the code from its message. Nothing was decided.'
    case 'no_member':
      return 'You have left the team. Nothing was decided.'
    case 'newer_version':
      return 'Baton is being updated. Nothing was decided; try again in a minute.'
    default:
      return 'The task did not take this decision. Nothing was decided; look at it again.'
  }
}
