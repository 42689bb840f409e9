#include "bench.h"

#include <string.h>

static const char text[] =
    "{\"id\":\"04l000000000000AAA\",\"type\":\"Opportunity\",\"attributes\":{\"Id\":\"006000000000000AAA\","
    "\"AccountId\":\"0017f00000abcdeAAA\",\"OwnerId\":\"0057f000003kLmNAAU\",\"Name\":\"Forty two industrial fans\","
    "\"StageName\":\"Closed Won\",\"Amount\":120000.0,\"CurrencyIsoCode\":\"EUR\",\"Probability\":100,"
    "\"CloseDate\":\"2026-11-30\",\"IsClosed\":true,\"IsWon\":true,\"ForecastCategory\":\"Closed\","
    "\"LeadSource\":\"Trade show\",\"NextStep\":\"Order\",\"Type\":\"New customer\",\"HasOpportunityLineItem\":true,"
    "\"Pricebook2Id\":\"01s7f000001aBcDAAU\",\"CampaignId\":null,\"FiscalQuarter\":4,\"FiscalYear\":2026,"
    "\"CreatedDate\":\"2026-09-14T08:31:07.000Z\",\"LastModifiedDate\":\"2026-11-24T16:02:55.000Z\","
    "\"SystemModstamp\":\"2026-11-24T16:02:55.000Z\",\"Description\":\"Fans of 42 cm for three halls. Installation is "
    "part of the order; access from the yard before nine in the morning only. The customer wants one delivery, on "
    "pallets, and the manuals in German and in Dutch. Terms as in the frame contract of March: thirty days net, two per "
    "cent within ten. Ask for Ms Jansen at the gate, and call half an hour before.\",\"ShippingStreet\":\"Hafenstrasse 17\",\"ShippingCity\":"
    "\"Bremen\",\"ShippingPostalCode\":\"28217\",\"ShippingCountry\":\"Germany\",\"PurchaseOrder\":\"PO-2026-004711\"";

// Where in the text the two ids stand.
enum { id_place = 7, key_place = 68 };

// Fifteen characters of which the last twelve are the number, and three that check their capitals: there are none.
static void make_id(char *into, const char *prefix, uint64_t number) {
  memcpy(into, prefix, 3);
  for (int place = 14; place >= 3; place--) {
    into[place] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
    number /= 36;
  }
  memcpy(into + 15, "AAA", 3);
}

void bench_make(struct bench_event *event, uint64_t number) {
  _Static_assert(sizeof text - 1 <= BENCH_PAYLOAD - 1, "the text leaves room for its end");
  if (bench_is_repeat(number)) number -= BENCH_REPEATS_EVERY / 2;
  make_id(event->id, "04l", number);
  make_id(event->key, "006", number);
  // Spaces before the end make every payload as long as it is to be.
  memcpy(event->payload, text, sizeof text - 1);
  memset(event->payload + sizeof text - 1, ' ', BENCH_PAYLOAD - (sizeof text - 1));
  memcpy(event->payload + BENCH_PAYLOAD - 2, "}}", 2);
  memcpy(event->payload + id_place, event->id, BENCH_ID);
  memcpy(event->payload + key_place, event->key, BENCH_ID);
}
