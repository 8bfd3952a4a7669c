#include "stale_machines.hpp"

#include <cstdlib>
#include <optional>

#include "support/text.hpp"
#include "virt/domain_xml.hpp"

namespace labctl {

namespace {

std::optional<Owner> owner_of(const LibvirtApi& api, virDomainPtr domain) {
  char* element = api.virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, metadata_namespace, 0);
  if (element == nullptr) return std::nullopt;
  const std::string text = element;
  std::free(element);
  return owner_in_metadata(text);
}

}  // namespace

Result<std::vector<std::string>> end_stale_machines(Connection& connection, Undertaker& undertaker) {
  const LibvirtApi& api = connection.api();
  virDomainPtr* domains = nullptr;
  const int count = api.virConnectListAllDomains(connection.get(), &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
  if (count < 0) return fail(connection.error("cannot list the machines of " + connection.uri().text));
  const std::string here = this_process().place;
  std::vector<std::string> strange;
  for (int i = 0; i < count; ++i) {
    const auto owner = owner_of(api, domains[i]);
    const char* name = api.virDomainGetName(domains[i]);
    if (owner && owner->place != here && name != nullptr) strange.push_back(printable(name));
    if (owner && has_ended(*owner)) {
      undertaker.bury([&api, domain = domains[i]] {
        static_cast<void>(api.virDomainDestroy(domain));
        static_cast<void>(api.virDomainFree(domain));
      });
    } else {
      static_cast<void>(api.virDomainFree(domains[i]));
    }
  }
  std::free(domains);
  return strange;
}

}  // namespace labctl
