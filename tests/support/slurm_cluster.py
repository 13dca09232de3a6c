# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""A Slurm cluster of one node on the loopback interface: munged, slurmctld and slurmd with folders of their own.

    with SlurmCluster() as cluster:
        subprocess.run(["sbatch", ...], env=cluster.env)

Needs root and Debian's slurm-wlm and munge; SlurmCluster.missing() says what is not there. Everything it starts is ended
by its process id. Ports are free ones, so several can run beside each other and beside a real cluster.
"""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")
CONFIG = """ClusterName=tricycle_test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={root}/munge/munge.socket
CredType=cred/munge
SlurmctldPort={ctld}
SlurmdPort={slurmd}
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
MinJobAge=2
SlurmdTimeout=0
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def wait_for(what, check, seconds=30):
    deadline = time.time() + seconds
    while time.time() < deadline:
        if check():
            return
        time.sleep(0.1)
    raise RuntimeError(f"{what}: not within {seconds} s")


class SlurmCluster:
    @staticmethod
    def missing():
        """Why no cluster can be started here; empty where it can."""
        if os.geteuid() != 0:
            return "Slurm's daemons are started by root only"
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        absent = [p for p in PROGRAMS if shutil.which(p, path=path) is None]
        return f"not installed: {', '.join(absent)}" if absent else ""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="slurm_"))
        self.root.chmod(0o755)  # munged refuses a socket in a folder that others cannot enter
        self.host = socket.gethostname().split(".")[0]
        self.processes = {}
        self.env = {**os.environ, "SLURM_CONF": str(self.root / "slurm.conf"),
                    "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        munge = self.root / "munge"
        for folder in (munge, self.root / "state", self.root / "spool"):
            folder.mkdir()
        key = munge / "munge.key"
        key.write_bytes(os.urandom(128))
        user = pwd.getpwnam("munge")
        for path in (munge, key):
            os.chown(path, user.pw_uid, user.pw_gid)
        key.chmod(0o400)
        munge.chmod(0o755)
        self._spawn("munged", ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "munged",
                               "--foreground", f"--key-file={key}", f"--socket={munge}/munge.socket",
                               f"--pid-file={munge}/munged.pid", f"--log-file={munge}/munged.log",
                               f"--seed-file={munge}/munged.seed", "--num-threads=2"])
        wait_for("munged", (munge / "munge.socket").exists)
        ctld, slurmd = free_ports(2)
        (self.root / "slurm.conf").write_text(CONFIG.format(host=self.host, root=self.root, ctld=ctld, slurmd=slurmd))
        self.start_controller()
        self.start_node()
        wait_for("the node", self._idle)

    def start_controller(self):
        self._spawn("slurmctld", ["slurmctld", "-D", "-i"])
        wait_for("slurmctld", lambda: self._call("scontrol", "ping").find("is UP") >= 0)

    def start_node(self):
        self._spawn("slurmd", ["slurmd", "-D", "-N", self.host])

    def _idle(self):
        return self._call("sinfo", "-h", "-o", "%T").strip() in ("idle", "mixed", "allocated")

    def _spawn(self, name, words):
        log = open(self.root / f"{name}.out", "ab")
        self.processes[name] = subprocess.Popen(words, env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()

    def _call(self, *words):
        return subprocess.run(words, env=self.env, capture_output=True, text=True, timeout=20).stdout

    def kill(self, name, sig=signal.SIGKILL):
        """Ends one daemon: munged, slurmctld or slurmd."""
        process = self.processes.pop(name)
        process.send_signal(sig)
        process.wait()

    def wait_until_saved(self):
        """Until slurmctld has written its state, which it does every few seconds: what it forgets when it is killed before,
        the node remembers, and Slurm drains the node ("Duplicate jobid")."""
        now = time.time()
        state = self.root / "state" / "job_state"
        wait_for("saving the state", lambda: state.exists() and state.stat().st_mtime > now)

    def jobs(self):
        return self._call("squeue", "-h", "-o", "%i %t").split("\n")[:-1]

    def __exit__(self, *_):
        if "slurmctld" in self.processes:
            self._call("scancel", "--user=root")
        for name in ("slurmd", "slurmctld", "munged"):
            process = self.processes.pop(name, None)
            if process is None:
                continue
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.root, ignore_errors=True)
