/**
 * @module
 * The rules a tool keeps so that every known client takes it: some clients lose all tools of a server for one schema
 * they cannot convert.
 */
import type { Tool, ToolProperty } from './tool.ts'

/** 48 characters leave room for the prefixes that clients put in front of a name before a model's limit of 64. */
const toolName = /^[a-z][a-z0-9_]{0,47}$/
const argumentName = /^[a-z][a-z0-9_]{0,63}$/
/** Names that agent frameworks use for their own arguments, or that mean something to JavaScript. */
const bannedNames = new Set([
  'sources',
  'options',
  'session',
  'thread',
  'tools',
  'tool_choice',
  'conversation_id',
  'response_format',
  'chat_options',
  'constructor',
  'prototype',
])
const propertyTypes = new Set(['string', 'integer', 'number', 'boolean', 'array'])
const schemaKeys = new Set(['type', 'properties', 'required'])
const propertyKeys = new Set(['type', 'description', 'enum', 'items'])

const MAX_DESCRIPTION = 1024

/** Every rule the tool breaks, each as a sentence; empty when it keeps them all. */
export function lintToolSchema(tool: Pick<Tool, 'name' | 'description' | 'inputSchema'>): readonly string[] {
  const { name, description, inputSchema } = tool
  const properties = Object.entries(inputSchema.properties)
  const required = inputSchema.required ?? []
  return [
    ...(toolName.test(name) ? [] : [`The tool's name must match ${toolName.source}`]),
    ...lintDescription('The tool', description),
    ...(inputSchema.type === 'object' ? [] : ['The schema must be an object']),
    ...foreignKeys('The schema', inputSchema, schemaKeys),
    ...properties.flatMap(([argument, property]) => lintProperty(argument, property)),
    ...required
      .filter((argument) => !Object.hasOwn(inputSchema.properties, argument))
      .map((argument) => `"${argument}" is required but not a property`),
  ]
}

function lintProperty(name: string, property: ToolProperty): readonly string[] {
  const subject = `"${name}"`
  const { enum: values } = property
  return [
    ...(argumentName.test(name) && !bannedNames.has(name) ? [] : [`${subject} is not a usable argument name`]),
    ...(propertyTypes.has(property.type) ? [] : [`${subject} must have one of the plain types`]),
    ...((property.type === 'array') === (property.items?.type === 'string')
      ? []
      : [`${subject} must have items of type string if it is an array, and none if it is not`]),
    ...lintDescription(subject, property.description),
    ...foreignKeys(subject, property, propertyKeys),
    ...(values === undefined || (property.type === 'string' && values.length > 0 && areStrings(values))
      ? []
      : [`${subject} must list its values as strings`]),
  ]
}

function lintDescription(subject: string, description: string): readonly string[] {
  if (typeof description !== 'string' || description.trim() === '') return [`${subject} needs a description`]
  return description.length > MAX_DESCRIPTION
    ? [`${subject} has a description above ${MAX_DESCRIPTION} characters`]
    : []
}

function foreignKeys(subject: string, value: object, allowed: ReadonlySet<string>): readonly string[] {
  return Object.keys(value)
    .filter((key) => !allowed.has(key))
    .map((key) => `${subject} must not have "${key}"`)
}

function areStrings(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}
