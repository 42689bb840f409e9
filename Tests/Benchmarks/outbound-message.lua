-- One 1.2 kB outbound message a request, each with a notification id and a record of its own. The part of an id that
-- varies has no capitals, so that its three check characters stay the same. All but the id is made once: what is
-- measured is the server.
local body = { [[<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>00D7F00000107XsUAI</OrganizationId>
   <ActionId>04k7F000000g1abQAA</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/62.0/00D7F00000107Xs</EnterpriseUrl>
   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/62.0/00D7F00000107Xs</PartnerUrl>
   <Notification>
    <Id>04l]], [[AAA</Id>
    <sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>006]], [[AAA</sf:Id>
     <sf:AccountId>0017f00000abcdeAAA</sf:AccountId>
     <sf:Amount>120000.0</sf:Amount>
     <sf:CloseDate>2026-11-30</sf:CloseDate>
     <sf:IsWon>true</sf:IsWon>
     <sf:Name>Forty two industrial fans</sf:Name>
     <sf:StageName>Closed Won</sf:StageName>
    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>]] }

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

local head, middle, tail, low, high
function init(args)
  -- args[1] tells the runs of one benchmark apart.
  local run = tonumber(args[1] or "0") * 16 + lane
  local prefix = triples[math.floor(run / 46656) + 1] .. triples[run % 46656 + 1]
  local length = #body[1] + #body[2] + #body[3] + 2 * 12
  local fields = { ["Content-Type"] = "text/xml; charset=UTF-8", ["SOAPAction"] = '""' }
  head = wrk.format("POST", nil, fields, string.rep("x", length)):sub(1, -length - 1) .. body[1] .. prefix
  middle = body[2] .. prefix
  tail = body[3]
  low, high = 0, 1
end

function request()
  low = low + 1
  if low > 46656 then low, high = 1, high + 1 end
  local id = triples[high] .. triples[low]
  return head .. id .. middle .. id .. tail
end
