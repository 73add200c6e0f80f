using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using MultiModal.Functions.Hosting;
using MultiModal.Functions.Http;

namespace MultiModal.Functions;

/// <summary>Lets a function wait until this worker owns the storage account. Pages without user data answer at once.</summary>
public sealed class OwnershipMiddleware(AccountOwnership ownership) : IFunctionsWorkerMiddleware
{
    private static readonly string Pages = $"{typeof(PageFunctions).FullName}.";

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        if (!context.FunctionDefinition.EntryPoint.StartsWith(Pages, StringComparison.Ordinal))
        {
            await ownership.Owned.WaitAsync(context.CancellationToken);
        }

        await next(context);
    }
}
