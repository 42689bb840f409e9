-- One JSON event a request, each with an id of its own, its body signed with HMAC-SHA256. Bodies are signed before the
-- run, by the libcrypto that wrk brings along: what is measured is the server.
local ffi = require("ffi")
ffi.cdef [[
  const void *EVP_sha256(void);
  unsigned char *HMAC(const void *, const void *, int, const char *, size_t, unsigned char *, unsigned int *);
]]

local before = [[{"id":"evt_]]
local after = [[","type":"order.updated","created":1795500000,"livemode":true,"data":{"order":"SO-2026-004711","account":"0017f00000abcdeAAA","status":"fulfilled","currency":"EUR","total":120000.00,"lines":[{"sku":"FAN-42","name":"Industrial fan, 42 cm","quantity":42,"price":2500.00},{"sku":"SRV-INST","name":"Installation","quantity":1,"price":15000.00}],"note":"Deliver to the back door"}}]]

local digits = "0123456789abcdefghijklmnopqrstuvwxyz"
local triples = {}
for i = 1, 36 do
  for j = 1, 36 do
    for k = 1, 36 do triples[#triples + 1] = digits:sub(i, i) .. digits:sub(j, j) .. digits:sub(k, k) end
  end
end

local threads = 0
function setup(thread)
  thread:set("lane", threads)
  threads = threads + 1
end

local head, ids, signatures, count, place
function init(args)
  -- args: which run of the benchmark, its seconds, the secret.
  local run = tonumber(args[1] or "0") * 16 + lane
  local secret = args[3]
  local prefix = triples[math.floor(run / 46656) + 1] .. triples[run % 46656 + 1]
  local length = #before + 12 + #after
  local fields = { ["Content-Type"] = "application/json" }
  head = wrk.format("POST", nil, fields, string.rep("x", length)):sub(1, -length - 5) .. "\r\nX-Signature: "
  -- More than one thread can send; where it wraps around, duplicates are counted as such.
  count = tonumber(args[2] or "5") * 90000
  ids, signatures = {}, {}
  local code, size, hex = ffi.new("unsigned char[32]"), ffi.new("unsigned int[1]"), ffi.new("char[64]")
  for i = 1, count do
    local id = prefix .. triples[math.floor(i / 46656) + 1] .. triples[i % 46656 + 1]
    local body = before .. id .. after
    ffi.C.HMAC(ffi.C.EVP_sha256(), secret, #secret, body, #body, code, size)
    for b = 0, 31 do
      local high = bit.rshift(code[b], 4)
      local low = bit.band(code[b], 15)
      hex[2 * b] = high < 10 and 48 + high or 87 + high
      hex[2 * b + 1] = low < 10 and 48 + low or 87 + low
    end
    ids[i], signatures[i] = id, ffi.string(hex, 64)
  end
  place = 0
  before = "\r\n\r\n" .. before
end

function request()
  place = place + 1
  if place > count then place = 1 end
  return head .. signatures[place] .. before .. ids[place] .. after
end
