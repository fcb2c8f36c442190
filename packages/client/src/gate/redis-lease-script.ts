/**
 * @module
 * The arithmetic of `lease-state.ts` in Lua, for Redis and Valkey: one script, one key, one round trip. A test holds the two
 * to the same answers.
 */
import { LOST_AFTER_MS, MAX_ENTRIES, POLL_MS, STEPS } from './lease-state.ts'

/** A key is kept so many milliseconds longer than it says anything. */
const KEPT_MS = 10_000

/**
 * `KEYS[1]`: the key. `ARGV`: `heldMs`; or `hold`, milliseconds; or `lease`, an id for the lease, want, limit, windowMs,
 * spent, and for each returned lease its id, the number of its ages, the ages. Answers with the lease's id, granted,
 * waitMs and heldMs, as texts, because Redis cuts a Lua number down to a whole one.
 *
 * The value is `heldUntil`, then `;id,units,freeAt,reported` for each entry. The time is the server's own: hosts whose
 * clocks differ agree, and since Redis 5 a script may read it and write.
 */
export const redisLeaseScript = `
local at = redis.call('TIME')
local now = tonumber(at[1]) * 1000 + math.floor(tonumber(at[2]) / 1000)
local heldUntil, entries = 0, {}
local text = redis.call('GET', KEYS[1])
if text then
  heldUntil = tonumber(string.match(text, '^[^;]*')) or 0
  for id, units, freeAt, reported in string.gmatch(text, ';([^,;]*),([^,;]*),([^,;]*),([01])') do
    units, freeAt = tonumber(units), tonumber(freeAt)
    if units and freeAt then entries[#entries + 1] = { id, units, freeAt, reported == '1' } end
  end
end

local function num(value) return string.format('%.17g', value) end
local heldMs = math.max(0, heldUntil - now)
if ARGV[1] == 'heldMs' then return { '', '0', '0', num(heldMs) } end

local function save()
  local last, parts = heldUntil, { num(heldUntil) }
  for _, entry in ipairs(entries) do
    last = math.max(last, entry[3])
    parts[#parts + 1] = entry[1] .. ',' .. num(entry[2]) .. ',' .. num(entry[3]) .. ',' .. (entry[4] and '1' or '0')
  end
  if last <= now then
    redis.call('DEL', KEYS[1])
  else
    local ttl = math.ceil(last - now) + ${KEPT_MS}
    redis.call('SET', KEYS[1], table.concat(parts, ';'), 'PX', string.format('%.0f', ttl))
  end
end

if ARGV[1] == 'hold' then
  heldUntil = math.max(heldUntil, now + math.max(0, tonumber(ARGV[2])))
  save()
  return { '', '0', '0', num(heldUntil - now) }
end

local newId, want, limit = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local windowMs, spent = tonumber(ARGV[5]), tonumber(ARGV[6])
local step = math.max(1, math.floor(windowMs / ${STEPS}))
local function free(ageMs) return math.ceil((now - math.max(0, ageMs) + windowMs) / step) * step end

local ended, arg = {}, 7
while arg <= #ARGV do
  local ages, count = {}, tonumber(ARGV[arg + 1])
  for nth = 1, count do ages[nth] = tonumber(ARGV[arg + 1 + nth]) end
  ended[ARGV[arg]] = ages
  arg = arg + 2 + count
end

local before = entries
entries = {}
for _, entry in ipairs(before) do
  if not ended[entry[1]] and entry[3] > now then entries[#entries + 1] = entry end
end
local function add(freeAt, units)
  for _, entry in ipairs(entries) do
    if entry[4] and entry[3] == freeAt then
      entry[2] = entry[2] + units
      return
    end
  end
  entries[#entries + 1] = { '', units, freeAt, true }
end
for _, entry in ipairs(before) do
  for nth, ageMs in ipairs(ended[entry[1]] or {}) do
    if nth > entry[2] then break end
    add(free(ageMs), 1)
  end
end
if spent > 0 then add(free(0), spent) end

local taken, waitMs = 0, windowMs
for _, entry in ipairs(entries) do
  taken = taken + entry[2]
  local left = entry[3] - now
  waitMs = math.min(waitMs, entry[4] and left or math.min(left, ${POLL_MS}))
end
local granted = heldMs > 0 and 0 or math.max(0, math.min(want, limit - taken))
waitMs = granted > 0 and 0 or math.max(1, heldMs, waitMs)
if granted > 0 then entries[#entries + 1] = { newId, granted, now + windowMs + ${LOST_AFTER_MS}, false } end

if #entries > ${MAX_ENTRIES} then
  for nth, entry in ipairs(entries) do entry[5] = nth end
  table.sort(entries, function(a, b)
    if a[4] ~= b[4] then return a[4] end
    if a[3] ~= b[3] then return a[3] < b[3] end
    return a[5] < b[5]
  end)
  local first = #entries - ${MAX_ENTRIES} + 1
  for nth = 2, first do
    local one, two = entries[nth - 1], entries[nth]
    entries[nth] = { two[1], one[2] + two[2], math.max(one[3], two[3]), one[4] and two[4] }
  end
  local kept = {}
  for nth = first, #entries do kept[#kept + 1] = entries[nth] end
  entries = kept
end
save()
return { granted > 0 and newId or '', num(granted), num(waitMs), num(heldMs) }
`
