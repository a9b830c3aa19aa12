/** A reusable instruction: a text that several agents and steps add to what their model is told, kept in immutable versions. */
import { z } from 'zod'
import { nearest } from './nearest.ts'
import { suggestion } from './workflow/lint/item.ts'
import { KEY_PATTERN } from './workflow/parts.ts'

export const skillSchema = z.strictObject({
  key: z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most'),
  /** What it is for, for whoever chooses it. */
  description: z.string().trim().min(1).max(400).optional(),
  /** What the model is told. Team material: nothing of a task belongs here, so that it holds no templates. */
  text: z.string().trim().min(1).max(60_000),
})
export type Skill = z.infer<typeof skillSchema>

/** What a model is told before all else, with these instructions behind it; undefined: nothing. */
export function withSkills(
  system: string | undefined,
  skills: readonly Pick<Skill, 'key' | 'text'>[],
): string | undefined {
  const parts = [system, ...skills.map(({ key, text }) => `# ${key}\n\n${text}`)].filter(part => part !== undefined)
  return parts.length === 0 ? undefined : parts.join('\n\n')
}

/** The instructions that an agent and a step name between them, each once: the agent's first. */
export function skillsNamed(agent: readonly string[] | undefined, step: readonly string[] | undefined): string[] {
  return [...new Set([...(agent ?? []), ...(step ?? [])])]
}

/** What is said of a name that the team has no instruction of; null: it has. */
export function unknownSkill(name: string, known: readonly string[]): { message: string; fix: string } | null {
  if (known.includes(name)) return null
  const fix = suggestion(nearest(name, known), known, 'Write it on the page Skills first.')
  return { message: `There is no skill \`${name}\` in this team.`, fix }
}
