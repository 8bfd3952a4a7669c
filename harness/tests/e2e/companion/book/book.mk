# What the book's makefiles share.
ccflags-y += -I$(src)/../..
