/** How known services sign, in the grammar of `hmac`; each is tried with a vector made as its documentation says (tests/node/intake/presets.test.ts). */
import type { HmacSettings } from '../../records/schema/intake-config.ts'

type Preset = Omit<HmacSettings, 'preset' | 'algorithm' | 'encoding'> &
  Partial<Pick<HmacSettings, 'algorithm' | 'encoding'>>

const PRESETS = {
  airtable: { header: 'x-airtable-content-mac', prefix: 'hmac-sha256=', key: 'base64' },
  asana: { header: 'x-hook-signature', secretHeader: 'x-hook-secret' },
  basic: { header: 'authorization', prefix: 'Basic ', algorithm: 'token', encoding: 'base64' },
  box: {
    header: 'box-signature-primary',
    encoding: 'base64',
    timestampHeader: 'box-delivery-timestamp',
    signed: '{body}{timestamp}',
  },
  calendly: { header: 'calendly-webhook-signature', field: 'v1', timestampField: 't' },
  dropbox: { header: 'x-dropbox-signature' },
  gitlab: { header: 'x-gitlab-token', algorithm: 'token', encoding: 'text' },
  hubspot: {
    header: 'x-hubspot-signature-v3',
    encoding: 'base64',
    timestampHeader: 'x-hubspot-request-timestamp',
    signed: '{method}{url}{body}{timestamp}',
  },
  intercom: { header: 'x-hub-signature', algorithm: 'sha1', prefix: 'sha1=' },
  linear: { header: 'linear-signature' },
  meta: { header: 'x-hub-signature-256', prefix: 'sha256=' },
  mux: { header: 'mux-signature', field: 'v1', timestampField: 't' },
  paddle: { header: 'paddle-signature', field: 'h1', timestampField: 'ts', signed: '{timestamp}:{body}' },
  shopify: { header: 'x-shopify-hmac-sha256', encoding: 'base64' },
  square: { header: 'x-square-hmacsha256-signature', encoding: 'base64', signed: '{url}{body}' },
  twilio: { header: 'x-twilio-signature', algorithm: 'sha1', encoding: 'base64', signed: '{url}{form}' },
  twitch: {
    header: 'twitch-eventsub-message-signature',
    prefix: 'sha256=',
    timestampHeader: 'twitch-eventsub-message-timestamp',
    idHeader: 'twitch-eventsub-message-id',
    signed: '{id}{timestamp}{body}',
  },
  typeform: { header: 'typeform-signature', encoding: 'base64', prefix: 'sha256=' },
  vercel: { header: 'x-vercel-signature', algorithm: 'sha1' },
  webflow: { header: 'x-webflow-signature', timestampHeader: 'x-webflow-timestamp', signed: '{timestamp}:{body}' },
  workos: { header: 'workos-signature', field: 'v1', timestampField: 't' },
  zendesk: {
    header: 'x-zendesk-webhook-signature',
    encoding: 'base64',
    timestampHeader: 'x-zendesk-webhook-signature-timestamp',
    signed: '{timestamp}{body}',
  },
  zoom: {
    header: 'x-zm-signature',
    prefix: 'v0=',
    timestampHeader: 'x-zm-request-timestamp',
    signed: 'v0:{timestamp}:{body}',
  },
} satisfies Record<string, Preset>

export type PresetName = keyof typeof PRESETS

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[]

/** The settings that a preset stands for. */
export function presetSettings(name: PresetName): HmacSettings {
  return { algorithm: 'sha256', encoding: 'hex', ...PRESETS[name], preset: name }
}

/** Their names as people know them. */
export const PRESET_LABELS: Record<PresetName, string> = {
  airtable: 'Airtable',
  asana: 'Asana (it offers the secret itself)',
  basic: 'Basic authentication (the secret is name:password)',
  box: 'Box',
  calendly: 'Calendly',
  dropbox: 'Dropbox',
  gitlab: 'GitLab',
  hubspot: 'HubSpot (v3)',
  intercom: 'Intercom',
  linear: 'Linear',
  meta: 'Meta (WhatsApp, Messenger)',
  mux: 'Mux',
  paddle: 'Paddle',
  shopify: 'Shopify',
  square: 'Square',
  twilio: 'Twilio',
  twitch: 'Twitch',
  typeform: 'Typeform',
  vercel: 'Vercel',
  webflow: 'Webflow',
  workos: 'WorkOS',
  zendesk: 'Zendesk',
  zoom: 'Zoom',
}
