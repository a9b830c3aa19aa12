/** What fires, and what fired lately: each with the list that it speaks of, and a way not to be told of it for a while. */
import { StatusPill } from '../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { AlertRow } from '../../records/alert/alerts.ts'
import { resolvedWords, wordsOf } from '../alerts/words.ts'

/** How many are shown: of those that are over the newest. */
const [FIRING, OVER] = [50, 5]

interface Props {
  now: number
  canMute: boolean
}

export const AlertList = ({ alerts, ...props }: Props & { alerts: AlertRow[] }) => {
  const firing = alerts.filter(({ firing: fires }) => fires)
  const over = alerts.filter(({ firing: fires }) => !fires).slice(0, OVER)
  return (
    <>
      {firing.slice(0, FIRING).map(alert => (
        <Firing alert={alert} {...props} />
      ))}
      {firing.length > FIRING && <p class="secondary">{firing.length - FIRING} more fire.</p>}
      {over.map(alert => (
        <p class="secondary" hx-ignore>
          Over since <Time at={alert.since} now={props.now} />: {wordsOf(alert).title}. {resolvedWords(alert)}
        </p>
      ))}
    </>
  )
}

const Firing = ({ alert, now, canMute }: Props & { alert: AlertRow }) => {
  const { title, said, path, open } = wordsOf(alert)
  const { since, mutedUntil } = alert
  const isMuted = mutedUntil !== null && mutedUntil > now
  return (
    <div class="alert stack-tight">
      <h3 class="row">
        <span hx-ignore>{title}</span>
        <StatusPill status="stuck">Fires</StatusPill>
        <span class="small secondary">
          since <Time at={since} now={now} />
          {isMuted && (
            <>
              , muted until <Time at={mutedUntil} now={now} />
            </>
          )}
        </span>
      </h3>
      <p hx-ignore>{said}</p>
      <div class="row">
        <ButtonLink size="small" href={path} aria-label={`${open}: ${title}`}>
          {open}
        </ButtonLink>
        {canMute && (
          <form method="post" action={`/alerts/${alert.id}/mute`}>
            <input type="hidden" name="hours" value={isMuted ? '0' : '24'} />
            <Button size="small" look="quiet" aria-label={`${isMuted ? 'Tell again' : 'Mute for a day'}: ${title}`}>
              {isMuted ? 'Tell again' : 'Mute for a day'}
            </Button>
          </form>
        )}
      </div>
    </div>
  )
}
