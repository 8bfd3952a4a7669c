// SPDX-License-Identifier: GPL-2.0-only
/* Counts ICMP echo requests and replies that arrive, in /proc/echoes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/icmp.h>
#include <linux/init.h>
#include <linux/ip.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/net_namespace.h>

static bool drop;
module_param(drop, bool, 0644);
MODULE_PARM_DESC(drop, "drop requests after counting them (default: no)");

static atomic_t requests = ATOMIC_INIT(0);
static atomic_t replies = ATOMIC_INIT(0);

static unsigned int echoes_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct icmphdr header;
	const struct icmphdr *icmp;
	const struct iphdr *ip = ip_hdr(skb);

	if (ip->protocol != IPPROTO_ICMP)
		return NF_ACCEPT;
	icmp = skb_header_pointer(skb, ip_hdrlen(skb), sizeof(header), &header);
	if (!icmp)
		return NF_ACCEPT;

	if (icmp->type == ICMP_ECHOREPLY)
		atomic_inc(&replies);
	if (icmp->type != ICMP_ECHO)
		return NF_ACCEPT;
	atomic_inc(&requests);
	return READ_ONCE(drop) ? NF_DROP : NF_ACCEPT;
}

static const struct nf_hook_ops echoes_ops = {
	.hook = echoes_hook,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_LOCAL_IN,
	.priority = NF_IP_PRI_FIRST,
};

static int echoes_show(struct seq_file *m, void *v)
{
	seq_printf(m, "requests: %d\n", atomic_read(&requests));
	seq_printf(m, "replies: %d\n", atomic_read(&replies));
	return 0;
}

static int __init echoes_init(void)
{
	int err;

	if (!proc_create_single("echoes", 0444, NULL, echoes_show))
		return -ENOMEM;

	err = nf_register_net_hook(&init_net, &echoes_ops);
	if (err)
		remove_proc_entry("echoes", NULL);
	return err;
}

static void __exit echoes_exit(void)
{
	nf_unregister_net_hook(&init_net, &echoes_ops);
	remove_proc_entry("echoes", NULL);
}

module_init(echoes_init);
module_exit(echoes_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Counts ICMP echoes");
MODULE_LICENSE("GPL");
