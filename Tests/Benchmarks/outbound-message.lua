-- One 1.2 kB outbound message a request, each with a notification id and a record of its own. The part of an id that
-- varies has no capitals, so that its three check characters stay the same.
local head = [[<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>00D7F00000107XsUAI</OrganizationId>
   <ActionId>04k7F000000g1abQAA</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/62.0/00D7F00000107Xs</EnterpriseUrl>
   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/62.0/00D7F00000107Xs</PartnerUrl>
   <Notification>
    <Id>]]
local middle = [[</Id>
    <sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>]]
local tail = [[</sf:Id>
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
</soapenv:Envelope>]]

local digits = "0123456789abcdefghijklmnopqrstuvwxyz"
local function base36(number, width)
  local text = {}
  for i = width, 1, -1 do
    local digit = number % 36
    text[i] = digits:sub(digit + 1, digit + 1)
    number = (number - digit) / 36
  end
  return table.concat(text)
end

local threads = 0
function setup(thread)
  thread:set("lane", threads)
  threads = threads + 1
end

local prefix, count
function init(args)
  -- args[1] tells the runs of one benchmark apart.
  prefix = base36(tonumber(args[1] or "0") * 16 + lane, 4)
  count = 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "text/xml; charset=UTF-8"
  wrk.headers["SOAPAction"] = '""'
end

function request()
  count = count + 1
  local id = prefix .. base36(count, 8)
  return wrk.format(nil, nil, nil, head .. "04l" .. id .. "AAA" .. middle .. "006" .. id .. "AAA" .. tail)
end
