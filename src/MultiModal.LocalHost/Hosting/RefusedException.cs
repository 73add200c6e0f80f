using MultiModal.Pipeline;

namespace MultiModal.LocalHost.Hosting;

/// <summary>A command can't do what it was asked to do; the failure is a message for the user.</summary>
internal sealed class RefusedException(Failure failure) : Exception(failure.Message)
{
    public RefusedException(string code, string message) : this(new Failure(code, message))
    {
    }

    public Failure Failure { get; } = failure;
}
