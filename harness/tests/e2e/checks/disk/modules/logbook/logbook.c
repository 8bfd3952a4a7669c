// SPDX-License-Identifier: GPL-2.0-only
/* Counts, at the beginning of a disk, how often it was loaded, and says so when the machine is restarted. */
#define pr_fmt(fmt) "logbook: " fmt

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/reboot.h>

static char *disk = "/dev/vda";
module_param(disk, charp, 0444);
MODULE_PARM_DESC(disk, "where the count is");

static u32 count;

static int logbook_restart(struct notifier_block *block, unsigned long event, void *data)
{
	pr_info("%s at %u\n", event == SYS_RESTART ? "restarts" : "ends", count);
	return NOTIFY_DONE;
}

static struct notifier_block logbook_notifier = {
	.notifier_call = logbook_restart,
};

static int add_one(struct file *file)
{
	loff_t at = 0;
	ssize_t done = kernel_read(file, &count, sizeof(count), &at);

	if (done != sizeof(count))
		return done < 0 ? done : -EIO;
	count++;
	at = 0;
	done = kernel_write(file, &count, sizeof(count), &at);
	if (done != sizeof(count))
		return done < 0 ? done : -EIO;
	return 0;
}

static int __init logbook_init(void)
{
	struct file *file = filp_open(disk, O_RDWR, 0);
	int ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = add_one(file);
	filp_close(file, NULL);
	if (ret)
		return ret;
	pr_info("entry %u\n", count);
	return register_reboot_notifier(&logbook_notifier);
}

static void __exit logbook_exit(void)
{
	unregister_reboot_notifier(&logbook_notifier);
}

module_init(logbook_init);
module_exit(logbook_exit);

MODULE_DESCRIPTION("A count on a disk, which a restart does not lose");
MODULE_LICENSE("GPL");
