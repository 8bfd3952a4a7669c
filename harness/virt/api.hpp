// libvirt's functions. The library is loaded when the first connection is asked for and not linked: with all that it
// brings (libssh, yajl, glib, ...) it would cost every start of labctl 5 ms, 12 ms on a busy host: see ARCHITECTURE.md.
// https://libvirt.org/html/index.html documents them.
#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "support/result.hpp"

#define LABCTL_LIBVIRT_FUNCTIONS(X)     \
  X(virConnectClose)                    \
  X(virConnectDomainEventDeregisterAny) \
  X(virConnectDomainEventRegisterAny)   \
  X(virConnectGetCapabilities)          \
  X(virConnectGetDomainCapabilities)    \
  X(virConnectGetHostname)              \
  X(virConnectGetLibVersion)            \
  X(virConnectGetURI)                   \
  X(virConnectGetVersion)               \
  X(virConnectListAllDomains)           \
  X(virConnectOpenAuth)                 \
  X(virConnectRegisterCloseCallback)    \
  X(virConnectSetKeepAlive)             \
  X(virConnectUnregisterCloseCallback)  \
  X(virDomainCreateXML)                 \
  X(virDomainDestroy)                   \
  X(virDomainFree)                      \
  X(virDomainGetMetadata)               \
  X(virDomainGetName)                   \
  X(virDomainGetUUIDString)             \
  X(virDomainInjectNMI)                 \
  X(virDomainOpenChannel)               \
  X(virDomainOpenConsole)               \
  X(virDomainResume)                    \
  X(virEventAddHandle)                  \
  X(virEventAddTimeout)                 \
  X(virEventRegisterDefaultImpl)        \
  X(virEventRemoveHandle)               \
  X(virEventRemoveTimeout)              \
  X(virEventRunDefaultImpl)             \
  X(virEventUpdateHandle)               \
  X(virGetLastError)                    \
  X(virInitialize)                      \
  X(virNodeGetFreeMemory)               \
  X(virNodeGetInfo)                     \
  X(virSetErrorFunc)                    \
  X(virStoragePoolFree)                 \
  X(virStoragePoolGetInfo)              \
  X(virStoragePoolGetName)              \
  X(virStoragePoolGetXMLDesc)           \
  X(virStoragePoolListAllVolumes)       \
  X(virStoragePoolLookupByName)         \
  X(virStoragePoolRefresh)              \
  X(virStorageVolCreateXML)             \
  X(virStorageVolDelete)                \
  X(virStorageVolDownload)              \
  X(virStorageVolFree)                  \
  X(virStorageVolGetInfo)               \
  X(virStorageVolGetName)               \
  X(virStorageVolGetPath)               \
  X(virStorageVolGetXMLDesc)            \
  X(virStorageVolLookupByName)          \
  X(virStorageVolUpload)                \
  X(virStreamAbort)                     \
  X(virStreamEventAddCallback)          \
  X(virStreamEventRemoveCallback)       \
  X(virStreamEventUpdateCallback)       \
  X(virStreamFinish)                    \
  X(virStreamFree)                      \
  X(virStreamNew)                       \
  X(virStreamRecv)                      \
  X(virStreamSend)

namespace labctl {

struct LibvirtApi {
#define LABCTL_MEMBER(name) decltype(&::name) name = nullptr;
  LABCTL_LIBVIRT_FUNCTIONS(LABCTL_MEMBER)
#undef LABCTL_MEMBER
};

// Loads and initialises it, once in a process; it then prints nothing by itself. Fault::harness where it is not
// installed or too old, with the package's name.
Result<const LibvirtApi*> load_libvirt();

}  // namespace labctl
