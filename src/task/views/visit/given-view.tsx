/** What a step's model was given besides the input: its agent and the skills, in the versions that the task keeps to. */
import { agentsIn, skillsOf } from '../../../domain/handler/of-step.ts'
import type { Story } from '../../../domain/task/told/story.ts'
import type { Step } from '../../../domain/workflow/definition.ts'

export const GivenBesides = ({ step, pins }: { step: Step | undefined; pins: Story['pins'] }) => {
  if (step === undefined || pins === undefined) return null
  const agents = agentsIn([step]).map(key => ({ what: 'agent', at: 'agents', key, version: pins.agents[key] }))
  const skills = skillsOf(step).map(key => ({ what: 'skill', at: 'skills', key, version: pins.skills?.[key] }))
  const given = [...agents, ...skills].filter(({ version }) => version !== undefined)
  if (given.length === 0) return null
  return (
    <p class="small secondary" hx-ignore>
      Given besides:{' '}
      {given.map(({ what, at, key, version }, index) => (
        <>
          {index > 0 && ', '}
          the {what}{' '}
          <a href={`/${at}/${key}?version=${version}`}>
            {key} v{version}
          </a>
        </>
      ))}
    </p>
  )
}
